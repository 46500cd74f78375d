//! Discovery: how Home Assistant is told of a series, so that it makes a sensor of it.

use serde_json::{Map, Value, json};

use super::packet::Message;
use super::topic::{Topics, id};
use crate::identity::Usb;
use crate::values::Series;

/// What a sensor is made of.
pub struct Sensor<'a> {
    /// How the topics of discovery begin.
    pub prefix: &'a str,
    pub topics: &'a Topics,
    /// Whether the port's state is published.
    pub has_state: bool,
    pub port: &'a str,
    pub usb: Option<&'a Usb>,
    pub series: &'a Series,
}

impl Sensor<'_> {
    /// What Home Assistant is told.
    pub fn message(&self) -> Message {
        let Self {
            topics,
            port,
            series,
            ..
        } = self;
        let device = id(&topics.of(port, "").trim_end_matches('/').replace('/', "_"));
        let name = id(&series.name);
        let mut availability = vec![json!({"topic": topics.status()})];
        if self.has_state {
            availability.push(json!({
                "topic": topics.of(port, "state"),
                "value_template": "{{ 'online' if value_json.state == 'open' else 'offline' }}",
            }));
        }
        let mut told = json!({
            "name": series.name,
            "unique_id": format!("{device}_{name}"),
            "state_topic": topics.value(port, &series.name),
            "state_class": "measurement",
            "availability": availability,
            "availability_mode": "all",
            "device": self.device(&device),
            "origin": {
                "name": "seriald",
                "sw_version": env!("CARGO_PKG_VERSION"),
                "support_url": env!("CARGO_PKG_REPOSITORY"),
            },
        });
        if let Some(unit) = &series.unit {
            let (unit, class) = known(unit);
            told["unit_of_measurement"] = unit.into();
            if let Some(class) = class {
                told["device_class"] = class.into();
            }
        }
        Message {
            topic: format!("{}/sensor/{device}/{name}/config", self.prefix),
            payload: told.to_string().into_bytes(),
            retain: true,
        }
    }

    fn device(&self, device: &str) -> Value {
        let mut about = Map::new();
        about.insert("identifiers".to_owned(), json!([device]));
        about.insert("name".to_owned(), self.port.into());
        if let Some(usb) = self.usb {
            let kind = format!("{}:{}", usb.vid, usb.pid);
            let texts = [
                ("manufacturer", usb.manufacturer.clone()),
                ("model", usb.product.clone()),
                ("model_id", Some(kind)),
                ("serial_number", usb.serial.clone()),
            ];
            for (name, text) in texts {
                about.extend(text.map(|text| (name.to_owned(), text.into())));
            }
        }
        about.into()
    }
}

/// A unit as Home Assistant writes it, and the class of what it measures, where it leaves no doubt:
/// a share may be of anything. Energy is left out, which needs to be a meter.
fn known(unit: &str) -> (&str, Option<&'static str>) {
    let unit = match unit {
        "C" | "'C" | "degC" => "°C",
        "F" | "'F" | "degF" => "°F",
        "lux" => "lx",
        "sec" => "s",
        "deg" => "°",
        unit => unit,
    };
    let class = match unit {
        "°C" | "°F" | "K" => Some("temperature"),
        "V" | "mV" => Some("voltage"),
        "A" | "mA" => Some("current"),
        "W" | "kW" => Some("power"),
        "Pa" | "hPa" | "kPa" | "bar" | "mbar" | "psi" => Some("pressure"),
        "lx" => Some("illuminance"),
        "Hz" | "kHz" | "MHz" | "GHz" => Some("frequency"),
        "dBm" => Some("signal_strength"),
        "m/s" | "km/h" | "mph" | "kn" => Some("speed"),
        "mm" | "cm" | "m" | "km" => Some("distance"),
        "mg" | "g" | "kg" => Some("weight"),
        "ms" | "s" | "min" | "h" => Some("duration"),
        _ => None,
    };
    (unit, class)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::mqtt::Written;

    fn topics() -> Topics {
        let written: Written =
            toml::from_str("broker = \"mqtt://a\"\nprefix = \"lab/serial\"").unwrap();
        Topics::new(&written.try_into().unwrap())
    }

    fn told(series: &Series, usb: Option<&Usb>) -> (String, Value) {
        let sensor = Sensor {
            prefix: "homeassistant",
            topics: &topics(),
            has_state: true,
            port: "w.1",
            usb,
            series,
        };
        let message = sensor.message();
        assert!(message.retain);
        (
            message.topic,
            serde_json::from_slice(&message.payload).unwrap(),
        )
    }

    #[test]
    fn a_sensor_has_its_unit_its_device_and_when_it_is_there() {
        let series = Series {
            name: "temp/in".into(),
            unit: Some("C".into()),
        };
        let usb = Usb {
            vid: "2341".into(),
            pid: "0043".into(),
            serial: Some("5573".into()),
            manufacturer: Some("Arduino".into()),
            product: None,
            interface: None,
        };
        let (topic, told) = told(&series, Some(&usb));
        assert_eq!(
            topic,
            "homeassistant/sensor/lab_serial_w_2e1/temp_2fin/config"
        );
        assert_eq!(
            told,
            json!({
                "name": "temp/in",
                "unique_id": "lab_serial_w_2e1_temp_2fin",
                "state_topic": "lab/serial/w.1/value/temp%2fin",
                "state_class": "measurement",
                "unit_of_measurement": "°C",
                "device_class": "temperature",
                "availability": [
                    {"topic": "lab/serial/status"},
                    {
                        "topic": "lab/serial/w.1/state",
                        "value_template": "{{ 'online' if value_json.state == 'open' else 'offline' }}",
                    },
                ],
                "availability_mode": "all",
                "device": {
                    "identifiers": ["lab_serial_w_2e1"],
                    "name": "w.1",
                    "manufacturer": "Arduino",
                    "model_id": "2341:0043",
                    "serial_number": "5573",
                },
                "origin": {
                    "name": "seriald",
                    "sw_version": env!("CARGO_PKG_VERSION"),
                    "support_url": env!("CARGO_PKG_REPOSITORY"),
                },
            })
        );
    }

    #[test]
    fn a_unit_that_may_mean_many_things_has_no_class() {
        for (unit, shown, class) in [
            (None, Value::Null, Value::Null),
            (Some("%"), "%".into(), Value::Null),
            (Some("apples"), "apples".into(), Value::Null),
            (Some("degF"), "°F".into(), "temperature".into()),
            (Some("kWh"), "kWh".into(), Value::Null),
        ] {
            let series = Series {
                name: "x".into(),
                unit: unit.map(str::to_owned),
            };
            let (_, told) = told(&series, None);
            assert_eq!(
                (&told["unit_of_measurement"], &told["device_class"]),
                (&shown, &class)
            );
            assert_eq!(
                told["device"],
                json!({"identifiers": ["lab_serial_w_2e1"], "name": "w.1"})
            );
        }
    }
}
