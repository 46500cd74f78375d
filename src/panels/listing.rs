//! The list of panels as it is told.

use std::sync::Arc;

use super::folder::Kept;
use crate::state::PortState;
use crate::wire::talk;

/// Lists the panels, each with those of the ports that it is for.
pub fn list(kept: &[Arc<Kept>], ports: &[PortState]) -> Vec<talk::Panel> {
    let entry = |kept: &Arc<Kept>| {
        let Kept { name, version, .. } = &**kept;
        let (name, version) = (name.clone(), version.clone());
        let panel = match &kept.panel {
            Ok(panel) => panel,
            Err(problem) => {
                return talk::Panel {
                    title: name.clone(),
                    name,
                    bound: None,
                    ports: Vec::new(),
                    version,
                    stop: false,
                    triggers: 0,
                    problem: Some(problem.clone()),
                };
            }
        };
        let is_meant = |port: &&PortState| panel.is_for(&port.name, port.identity.as_ref());
        let ports = ports.iter().filter(is_meant);
        talk::Panel {
            name,
            title: panel.title.clone(),
            bound: panel.binding.as_ref().map(|bound| serde_json::json!(bound)),
            ports: ports.map(|port| port.name.clone()).collect(),
            version,
            stop: panel.has_stop(),
            triggers: panel.triggers.iter().filter(|trigger| trigger.on).count(),
            problem: None,
        }
    };
    kept.iter().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::identity::{Identity, Usb};
    use crate::panel::Panel;

    fn kept(name: &str, fields: Value) -> Arc<Kept> {
        let mut panel = json!({"seriald": 1, "title": format!("The {name}")});
        panel
            .as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        let panel = Panel::read(panel).map_err(|fault| fault.to_string());
        Arc::new(Kept::with(name, panel))
    }

    fn port(name: &str, serial: Option<&str>) -> PortState {
        let identity = serial.map(|serial| Identity {
            path: "/dev/ttyACM0".into(),
            by_id: None,
            by_path: None,
            topology: None,
            usb: Some(Usb {
                vid: "2341".into(),
                pid: "0043".into(),
                serial: Some(serial.into()),
                manufacturer: None,
                product: None,
                interface: None,
            }),
            driver: None,
            twin: false,
        });
        PortState {
            name: name.to_owned(),
            identity,
            ..PortState::default()
        }
    }

    #[test]
    fn a_panel_is_listed_with_the_ports_that_it_is_for() {
        let stop = json!([{"id": "s", "type": "stop", "at": [0, 0, 1, 1], "send": "x"}]);
        let triggers = json!([
            {"id": "a", "on": true, "when": {"pattern": "x"}, "do": [{"highlight": "bad"}]},
            {"id": "b", "when": {"pattern": "x"}, "do": [{"highlight": "bad"}]},
        ]);
        let all = [
            kept("name", json!({"for": {"port": "sensor*"}, "widgets": stop})),
            kept(
                "kind",
                json!({"for": {"usb": "2341:0043"}, "triggers": triggers}),
            ),
            kept("one", json!({"for": {"usb": "2341:0043", "serial": "2"}})),
            kept("nobody", json!({})),
        ];
        let ports = [
            port("sensor", None),
            port("sensor2", Some("1")),
            port("other", Some("2")),
        ];
        let list = list(&all, &ports);
        let ports: Vec<_> = list.iter().map(|panel| panel.ports.join(" ")).collect();
        assert_eq!(ports, ["sensor sensor2", "sensor2 other", "other", ""]);
        assert!(list[0].stop && !list[1].stop);
        assert_eq!((list[0].triggers, list[1].triggers), (0, 1));
        assert_eq!(
            serde_json::to_value(&list[2]).unwrap(),
            json!({"name": "one", "title": "The one", "for": {"usb": "2341:0043", "serial": "2"},
                   "ports": ["other"], "version": "", "stop": false, "triggers": 0, "problem": null})
        );
    }

    #[test]
    fn a_panel_that_cannot_be_used_is_listed_with_what_is_wrong() {
        let list = list(
            &[kept("bad", json!({"widgets": 1}))],
            &[port("sensor", None)],
        );
        let problem = list[0].problem.as_deref().unwrap();
        assert!(problem.starts_with("widgets: invalid type"), "{problem}");
        assert_eq!((&*list[0].title, list[0].ports.len()), ("bad", 0));
    }
}
