//! `GET /metrics`: the ports in numbers, for Prometheus, and `GET /api/v1/mqtt`: the bridge to a broker.
//! They are read from the states when they are asked for; nothing is counted twice.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::Web;
use super::request::NoGuest;
use crate::audit;
use crate::state::{Bridged, Errors, Health, Phase, PortState};

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfPort {
    port: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfError {
    port: String,
    kind: &'static str,
}

/// Tells the numbers of the ports that you may see, for Prometheus.
#[utoipa::path(get, path = "/metrics", operation_id = "readMetrics", tag = "Server",
    responses((status = 200, description = "OpenMetrics", body = String, content_type = "application/openmetrics-text")))]
pub async fn metrics(State(web): State<Web>, NoGuest(visitor): NoGuest) -> Response {
    let ports = web.sight.ports(&visitor.rights);
    let states = ports.iter().map(|port| port.state()).collect::<Vec<_>>();
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    let bridged = how(&web);
    let audit = web.audit.is_on().then(|| web.audit.health());
    (
        [(header::CONTENT_TYPE, kind)],
        told(&states, bridged.as_ref(), audit),
    )
        .into_response()
}

/// Tells how the bridge to an MQTT broker is; null where there is none.
#[utoipa::path(get, path = "/api/v1/mqtt", operation_id = "readBridge", tag = "Server",
    responses((status = 200, description = "the broker, whether there is a connection, and why not", body = Option<Bridged>)))]
pub async fn bridged(State(web): State<Web>, _: NoGuest) -> Json<Option<Bridged>> {
    Json(how(&web))
}

fn how(web: &Web) -> Option<Bridged> {
    web.bridged.as_ref().map(|bridged| bridged.borrow().clone())
}

fn told(states: &[PortState], bridged: Option<&Bridged>, audit: Option<audit::Health>) -> String {
    let mut registry = Registry::with_prefix("seriald");
    count(
        &mut registry,
        states,
        "port_rx_bytes",
        "Bytes that came in from the device",
        |port| port.total.rx,
    );
    count(
        &mut registry,
        states,
        "port_tx_bytes",
        "Bytes that the device took",
        |port| port.total.tx,
    );
    show(
        &mut registry,
        states,
        "port_open",
        "Whether the device is open",
        |port| i64::from(port.phase == Phase::Open),
    );
    show(
        &mut registry,
        states,
        "port_held",
        "Whether the device does not take what is written",
        |port| i64::from(port.held),
    );
    show(
        &mut registry,
        states,
        "port_queued_bytes",
        "Bytes that wait to be written",
        |port| port.queued as i64,
    );
    show(
        &mut registry,
        states,
        "port_viewers",
        "Connections that watch the port",
        |port| port.viewers.len() as i64,
    );
    show(
        &mut registry,
        states,
        "port_recording_failing",
        "Whether the port should be recorded and is not",
        |port| i64::from(port.recording.health == Health::Failing),
    );
    show(
        &mut registry,
        states,
        "port_recording_bytes",
        "What the recording takes on disk",
        |port| port.recording.bytes as i64,
    );
    count(
        &mut registry,
        states,
        "port_recording_lost_bytes",
        "Bytes that could not be recorded",
        |port| port.recording.lost,
    );
    count_errors(&mut registry, states);
    if let Some(bridged) = bridged {
        show_bridge(&mut registry, bridged);
    }
    if let Some(audit) = audit {
        show_audit(&mut registry, audit);
    }
    let mut out = String::new();
    text::encode(&mut out, &registry).expect("a string takes everything");
    out
}

fn count(
    registry: &mut Registry,
    states: &[PortState],
    name: &str,
    help: &str,
    of: impl Fn(&PortState) -> u64,
) {
    let family = Family::<OfPort, Counter>::default();
    for state in states {
        family.get_or_create(&of_port(state)).inc_by(of(state));
    }
    registry.register(name, help, family);
}

fn show(
    registry: &mut Registry,
    states: &[PortState],
    name: &str,
    help: &str,
    of: impl Fn(&PortState) -> i64,
) {
    let family = Family::<OfPort, Gauge>::default();
    for state in states {
        family.get_or_create(&of_port(state)).set(of(state));
    }
    registry.register(name, help, family);
}

/// Only of ports whose driver counts.
fn count_errors(registry: &mut Registry, states: &[PortState]) {
    let family = Family::<OfError, Counter>::default();
    for state in states {
        let Some(Errors {
            framing,
            parity,
            overrun,
            breaks,
            buffer,
        }) = state.errors
        else {
            continue;
        };
        for (kind, count) in [
            ("framing", framing),
            ("parity", parity),
            ("overrun", overrun),
            ("break", breaks),
            ("buffer", buffer),
        ] {
            let of = OfError {
                port: state.name.clone(),
                kind,
            };
            family.get_or_create(&of).inc_by(count.into());
        }
    }
    registry.register(
        "port_line_errors",
        "What the driver counted since the device was plugged in",
        family,
    );
}

fn show_bridge(registry: &mut Registry, bridged: &Bridged) {
    let connected = Gauge::<i64>::default();
    connected.set(bridged.connected.into());
    let help = "Whether there is a connection to the MQTT broker";
    registry.register("mqtt_connected", help, connected);
    let counts = [
        (
            "mqtt_published",
            "Messages that the MQTT broker was sent",
            bridged.published,
        ),
        (
            "mqtt_missed_bytes",
            "Bytes of journals that the MQTT broker was not told of",
            bridged.missed,
        ),
    ];
    for (name, help, number) in counts {
        let counter = Counter::<u64>::default();
        counter.inc_by(number);
        registry.register(name, help, counter);
    }
}

fn show_audit(registry: &mut Registry, audit: audit::Health) {
    let failing = Gauge::<i64>::default();
    failing.set(i64::from(audit.failing > 0));
    let help = "Whether the audit should be written somewhere and is not";
    registry.register("audit_failing", help, failing);
    let lost = Counter::<u64>::default();
    lost.inc_by(audit.lost);
    let help = "Entries of the audit that could not be written";
    registry.register("audit_lost_entries", help, lost);
}

fn of_port(state: &PortState) -> OfPort {
    OfPort {
        port: state.name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Traffic;

    #[test]
    fn each_number_names_its_port() {
        let states = [
            PortState {
                name: "arduino".into(),
                phase: Phase::Open,
                total: Traffic {
                    rx: 48_000,
                    tx: 100,
                },
                errors: Some(Errors {
                    framing: 3,
                    ..Errors::default()
                }),
                ..PortState::default()
            },
            PortState {
                name: "spare".into(),
                ..PortState::default()
            },
        ];
        let bridged = Bridged {
            connected: true,
            published: 7,
            ..Bridged::of("mqtt://a:1883".into())
        };
        let audit = audit::Health {
            failing: 1,
            lost: 12,
        };
        let told = told(&states, Some(&bridged), Some(audit));
        for line in [
            "seriald_port_rx_bytes_total{port=\"arduino\"} 48000",
            "seriald_port_tx_bytes_total{port=\"arduino\"} 100",
            "seriald_port_open{port=\"arduino\"} 1",
            "seriald_port_open{port=\"spare\"} 0",
            "seriald_port_held{port=\"spare\"} 0",
            "seriald_port_queued_bytes{port=\"arduino\"} 0",
            "seriald_port_viewers{port=\"arduino\"} 0",
            "seriald_port_line_errors_total{port=\"arduino\",kind=\"framing\"} 3",
            "seriald_mqtt_connected 1",
            "seriald_mqtt_published_total 7",
            "seriald_mqtt_missed_bytes_total 0",
            "seriald_audit_failing 1",
            "seriald_audit_lost_entries_total 12",
            "# EOF",
        ] {
            assert!(
                told.lines().any(|told| told == line),
                "{line} is not in\n{told}"
            );
        }
        assert!(!told.contains("line_errors_total{port=\"spare\""));
    }
}
