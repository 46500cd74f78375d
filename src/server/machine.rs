//! The machine: the names and addresses by which others know it.

use std::net::{IpAddr, SocketAddr, UdpSocket};

use super::plan::Listener;

/// The names and addresses by which this machine may be reached, its own name first.
pub fn names(hosts: &[String], listeners: &[Listener]) -> Vec<String> {
    let listening = listeners.iter().flat_map(|listener| &listener.addresses);
    let listening = listening.map(SocketAddr::ip);
    let named = listening.filter(|address| !address.is_unspecified());
    let addresses = named.chain(addresses()).map(|address| address.to_string());
    let local = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let mut names = Vec::new();
    for name in hosts.iter().rev().cloned().chain(local).chain(addresses) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The name by which other machines know this one.
pub fn name() -> Option<String> {
    #[cfg(unix)]
    let name = rustix::system::uname()
        .nodename()
        .to_str()
        .ok()
        .map(str::to_lowercase);
    #[cfg(not(unix))]
    let name = std::env::var("COMPUTERNAME")
        .ok()
        .map(|name| name.to_lowercase());
    name.filter(|name| !name.is_empty())
}

/// The addresses of this machine that others may reach: those it would speak from. Nothing is sent.
pub fn addresses() -> impl Iterator<Item = IpAddr> {
    let ways = [("0.0.0.0:0", "192.0.2.1:9"), ("[::]:0", "[2001:db8::1]:9")];
    ways.into_iter().filter_map(|(from, to)| {
        let socket = UdpSocket::bind(from).ok()?;
        socket.connect(to).ok()?;
        socket.local_addr().ok().map(|address| address.ip())
    })
}
