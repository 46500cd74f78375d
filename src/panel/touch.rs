//! A touch: what comes of it when somebody uses a widget.

use std::fmt::Display;

use serde_json::Value;

use super::template::{Datum, Filling, NotFilled, SENT, Template};
use super::widget::{Act, Button, Kind, Payload, Widget};
use super::{Panel, Step, Times};

/// What comes of it when somebody uses a widget.
#[derive(Clone, Debug, PartialEq)]
pub enum Touch {
    /// These bytes are written.
    Write(Vec<u8>),
    /// These steps are taken.
    Run(Script),
    /// These steps are taken for ever: a switch is on from now on.
    On(Script),
    /// What a switch started ends.
    Off,
    /// Everything is stopped, then these bytes are written.
    Halt(Vec<u8>),
}

/// Steps, and what people call them.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "as it says")]
pub struct Script {
    pub title: String,
    pub steps: Vec<Step>,
}

/// Why a widget cannot be used like that.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum NotATouch {
    #[error("{widget} takes {expected}")]
    Value { widget: String, expected: String },
    #[error("there is no widget {widget:?} on this panel; {known}")]
    Unknown { widget: String, known: String },
    #[error("{0} shows something and sends nothing")]
    Picture(String),
    #[error("{widget}: {error}")]
    NotFilled { widget: String, error: NotFilled },
}

impl Panel {
    /// Looks what comes of it when somebody uses a widget with this value.
    ///
    /// # Errors
    /// If there is no such widget, if it sends nothing, or if the value is not of its kind or out of
    /// its range.
    pub fn touch(&self, id: &str, value: Option<&Value>) -> Result<Touch, NotATouch> {
        let Some(widget) = self.widget(id) else {
            let controls = self.widgets.iter().filter(|widget| widget.is_control());
            let ids: Vec<_> = controls.map(|widget| &*widget.id).collect();
            return Err(NotATouch::Unknown {
                widget: id.chars().take(64).collect(),
                known: match ids.as_slice() {
                    [] => "it has no controls".to_owned(),
                    ids => format!("its controls are: {}", ids.join(", ")),
                },
            });
        };
        match &widget.kind {
            Kind::Button(button) => widget.press(button, value, self),
            Kind::Toggle(toggle) => match value {
                Some(Value::Bool(true)) => widget.write(&toggle.on, None),
                Some(Value::Bool(false)) => widget.write(&toggle.off, None),
                _ => Err(widget.expected("true or false")),
            },
            Kind::Slider(slider) => {
                widget.write_number(&slider.send, value, Some(slider.min), Some(slider.max))
            }
            Kind::Number(number) => {
                widget.write_number(&number.send, value, number.min, number.max)
            }
            Kind::Text(text) => {
                let typed = value.and_then(Value::as_str);
                let typed = typed.ok_or_else(|| widget.expected("a text"))?;
                widget.write(&text.send, Some(Datum::Text(typed)))
            }
            Kind::Choice(choice) => {
                let place = value.and_then(Value::as_u64);
                let place = place.and_then(|place| usize::try_from(place).ok());
                let entry = place.and_then(|place| choice.options.get(place));
                let entry = entry.ok_or_else(|| {
                    let last = choice.options.len().saturating_sub(1);
                    widget.expected(format_args!(
                        "the number of one of its options, 0 to {last}"
                    ))
                })?;
                Ok(Touch::Write(widget.bytes(&entry.payload)?))
            }
            Kind::Stop(stop) => match value {
                None | Some(Value::Null) => Ok(Touch::Halt(widget.bytes(&stop.payload)?)),
                Some(_) => Err(widget.expected("no value")),
            },
            Kind::Value(_) | Kind::Gauge(_) | Kind::Led(_) | Kind::Plot(_) | Kind::Label(_) => {
                Err(NotATouch::Picture(widget.id.clone()))
            }
        }
    }
}

impl Widget {
    fn is_control(&self) -> bool {
        !matches!(
            self.kind,
            Kind::Value(_) | Kind::Gauge(_) | Kind::Led(_) | Kind::Plot(_) | Kind::Label(_)
        )
    }

    fn press(
        &self,
        button: &Button,
        value: Option<&Value>,
        panel: &Panel,
    ) -> Result<Touch, NotATouch> {
        let every = match (button.every, value) {
            (None, None | Some(Value::Null)) => None,
            (None, Some(_)) => return Err(self.expected("no value")),
            (Some(every), Some(Value::Bool(true))) => Some(every),
            (Some(_), Some(Value::Bool(false))) => return Ok(Touch::Off),
            (Some(_), _) => return Err(self.expected("true or false")),
        };
        let mut script = match (&button.act, every) {
            (Act::Send(payload), None) => return Ok(Touch::Write(self.bytes(payload)?)),
            (Act::Send(payload), Some(_)) => Script {
                title: self.id.clone(),
                steps: vec![self.step(payload)?],
            },
            (Act::Run { runs }, _) => {
                // A panel is known to have the macros that its buttons run.
                panel.script(runs).map_err(|_| self.expected("a macro"))?
            }
        };
        if let Some(title) = &self.title {
            script.title.clone_from(title);
        }
        let Some(delay) = every else {
            return Ok(Touch::Run(script));
        };
        script.steps.push(Step::Delay { delay });
        script.steps = vec![Step::Repeat {
            times: Times::Forever,
            steps: script.steps,
        }];
        Ok(Touch::On(script))
    }

    fn write_number(
        &self,
        template: &Template,
        value: Option<&Value>,
        min: Option<f64>,
        max: Option<f64>,
    ) -> Result<Touch, NotATouch> {
        let is_within = |number: &f64| {
            min.is_none_or(|min| *number >= min) && max.is_none_or(|max| *number <= max)
        };
        let number = value.and_then(Value::as_f64).filter(is_within);
        let number = number.ok_or_else(|| {
            self.expected(match (min, max) {
                (Some(min), Some(max)) => format!("a number from {min} to {max}"),
                (Some(min), None) => format!("a number from {min} on"),
                (None, Some(max)) => format!("a number up to {max}"),
                (None, None) => "a number".to_owned(),
            })
        })?;
        self.write(template, Some(Datum::Number(number)))
    }

    fn write(&self, template: &Template, value: Option<Datum<'_>>) -> Result<Touch, NotATouch> {
        let text = self.fill(template, value)?;
        Ok(Touch::Write(text.into_bytes()))
    }

    fn fill(&self, template: &Template, value: Option<Datum<'_>>) -> Result<String, NotATouch> {
        let filling = Filling {
            value,
            ..Filling::default()
        };
        let not_filled = |error| NotATouch::NotFilled {
            widget: self.id.clone(),
            error,
        };
        template.fill(filling, SENT).map_err(not_filled)
    }

    /// What a payload is as a step of a macro.
    fn step(&self, payload: &Payload) -> Result<Step, NotATouch> {
        Ok(match payload {
            Payload::Send(template) => Step::Send {
                send: self.fill(template, None)?,
            },
            Payload::Hex(hex) => Step::Hex { hex: hex.clone() },
        })
    }

    fn bytes(&self, payload: &Payload) -> Result<Vec<u8>, NotATouch> {
        match payload {
            Payload::Send(template) => self.fill(template, None).map(String::into_bytes),
            Payload::Hex(hex) => Ok(hex.bytes().to_vec()),
        }
    }

    fn expected(&self, expected: impl Display) -> NotATouch {
        NotATouch::Value {
            widget: self.id.clone(),
            expected: expected.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What comes of using a widget of that kind.
    fn touch(mut kind: Value, value: Option<&Value>) -> Result<Touch, NotATouch> {
        kind["id"] = json!("it");
        kind["at"] = json!([0, 0, 3, 2]);
        let cool = json!([{"id": "cool", "title": "Cool down", "steps": [{"send": "fan 100"}]}]);
        let panel = json!({"seriald": 1, "title": "x", "widgets": [kind], "macros": cool});
        Panel::read(panel).unwrap().touch("it", value)
    }

    #[test]
    fn a_control_sends_what_its_template_and_the_value_make() {
        let slider = json!({"type": "slider", "send": "fan {value}\n", "min": 0, "max": 100});
        let number = json!({"type": "number", "send": "{value:2}", "max": 5});
        let toggle = json!({"type": "toggle", "on": "1", "off": "0"});
        let text = json!({"type": "text", "send": "say {value}\n"});
        let choice = json!({"type": "choice", "options": [
            {"title": "a", "send": "first"}, {"title": "b", "hex": "62"}]});
        let button = json!({"type": "button", "send": "{{go}}"});
        let write = |text: &str| Touch::Write(text.into());
        for (kind, value, sent) in [
            (&slider, json!(0), "fan 0\n"),
            (&slider, json!(100.0), "fan 100\n"),
            (&slider, json!(21.5), "fan 21.5\n"),
            (&number, json!(-1e3), "-1000.00"),
            (&toggle, json!(true), "1"),
            (&toggle, json!(false), "0"),
            (&text, json!("a\u{1b}\nb"), "say ab\n"),
            (&choice, json!(0), "first"),
            (&choice, json!(1), "b"),
            (&button, json!(null), "{go}"),
        ] {
            assert_eq!(touch(kind.clone(), Some(&value)).unwrap(), write(sent));
        }
        assert_eq!(touch(button, None).unwrap(), write("{go}"));
    }

    #[test]
    fn a_value_of_another_kind_or_out_of_range_is_refused_with_what_is_possible() {
        let slider = json!({"type": "slider", "send": "{value}", "min": 0, "max": 100});
        let number = json!({"type": "number", "send": "{value:x}", "min": -5});
        let toggle = json!({"type": "toggle", "on": "1", "off": "0"});
        let choice = json!({"type": "choice", "options": [{"title": "a", "send": "x"}]});
        let button = json!({"type": "button", "send": "x"});
        let switch = json!({"type": "button", "send": "x", "every": 100});
        for (kind, value, named) in [
            (&slider, json!(100.1), "a number from 0 to 100"),
            (&slider, json!(-1), "a number from 0 to 100"),
            (&slider, json!("50"), "a number from 0 to 100"),
            (&slider, json!(null), "a number from 0 to 100"),
            (&number, json!(-6), "a number from -5 on"),
            (&number, json!(-4), "cannot be written in hex"),
            (&toggle, json!(1), "true or false"),
            (&choice, json!(1), "0 to 0"),
            (&choice, json!(-1), "0 to 0"),
            (&button, json!(1), "no value"),
            (&switch, json!(null), "true or false"),
            (
                &json!({"type": "text", "send": "{value}"}),
                json!("\n"),
                "nothing to send",
            ),
            (
                &json!({"type": "text", "send": "{value}"}),
                json!("x".repeat(4097)),
                "4096 bytes",
            ),
            (
                &json!({"type": "led", "follow": "x"}),
                json!(true),
                "sends nothing",
            ),
        ] {
            let error = touch(kind.clone(), Some(&value)).unwrap_err().to_string();
            assert!(error.contains(named), "{kind} {value}: {error}");
        }
    }

    #[test]
    fn a_button_runs_a_macro_or_is_a_switch_and_a_stop_halts() {
        let steps = |steps: Value| crate::panel::read_steps(steps).unwrap();
        let cool = Script {
            title: "Cool down".into(),
            steps: steps(json!([{"send": "fan 100"}])),
        };
        let button = json!({"type": "button", "macro": "cool"});
        assert_eq!(touch(button, None).unwrap(), Touch::Run(cool));
        let switch = json!({"type": "button", "title": "Ask", "send": "{{?}}", "every": 500});
        let on = Script {
            title: "Ask".into(),
            steps: steps(
                json!([{"repeat": "forever", "steps": [{"send": "{?}"}, {"delay": 500}]}]),
            ),
        };
        assert_eq!(
            touch(switch.clone(), Some(&json!(true))).unwrap(),
            Touch::On(on)
        );
        assert_eq!(touch(switch, Some(&json!(false))).unwrap(), Touch::Off);
        let stop = json!({"type": "stop", "hex": "00 ff"});
        assert_eq!(touch(stop, None).unwrap(), Touch::Halt(vec![0, 255]));
    }

    #[test]
    fn a_widget_that_is_not_there_is_refused_with_those_that_are() {
        let panel = json!({"seriald": 1, "title": "x", "widgets": [
            {"id": "off", "type": "stop", "at": [0, 0, 1, 1], "send": "x"},
            {"id": "lamp", "type": "led", "at": [0, 0, 1, 1], "follow": "x"},
        ]});
        let error = Panel::read(panel).unwrap().touch("on", None).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no widget \"on\" on this panel; its controls are: off"
        );
    }
}
