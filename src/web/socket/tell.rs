//! Telling a client what is new.

use tokio::sync::mpsc;

use super::feed::Order;
use crate::web::news::News;

/// Runs until the feeder is gone.
pub(super) async fn tell(mut news: News, orders: mpsc::Sender<Order>) {
    loop {
        let items = tokio::select! {
            items = news.next() => items,
            () = orders.closed() => return,
        };
        let Some(items) = items else { return };
        for item in items {
            if orders.send(Order::Say(item.text)).await.is_err() {
                return;
            }
        }
    }
}
