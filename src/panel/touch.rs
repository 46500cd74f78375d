//! A touch: what comes of it when somebody uses a widget.

use std::fmt::Display;

use serde_json::Value;

use super::template::{Datum, Filling, NotFilled, SENT, Template};
use super::widget::{Act, Kind, Payload, Widget};

/// What comes of it when somebody uses a widget.
#[derive(Clone, Debug, PartialEq)]
pub enum Touch<'a> {
    /// This is done.
    Once(Doing<'a>),
    /// This is done again and again from now on.
    Again {
        /// What.
        doing: Doing<'a>,
        /// How often, in milliseconds.
        every: u64,
    },
    /// What was done again and again ends.
    End,
    /// Everything is stopped, then these bytes are written.
    Halt(Vec<u8>),
}

/// What a control does.
#[derive(Clone, Debug, PartialEq)]
pub enum Doing<'a> {
    /// It writes these bytes.
    Write(Vec<u8>),
    /// It runs this macro of the panel.
    Run(&'a str),
}

/// Why a widget cannot be used like that.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum NotATouch {
    #[error("{widget} takes {expected}")]
    Value { widget: String, expected: String },
    #[error("{0} shows something and sends nothing")]
    Picture(String),
    #[error("{widget}: {error}")]
    NotFilled { widget: String, error: NotFilled },
}

impl Widget {
    /// Looks what comes of it when somebody uses this widget with this value.
    ///
    /// # Errors
    /// If it sends nothing, or if the value is not of its kind or out of its range.
    pub fn touch(&self, value: Option<&Value>) -> Result<Touch<'_>, NotATouch> {
        match &self.kind {
            Kind::Button(button) => match (button.every, value) {
                (None, None | Some(Value::Null)) => Ok(Touch::Once(self.doing(&button.act)?)),
                (None, Some(_)) => Err(self.expected("no value")),
                (Some(every), Some(Value::Bool(true))) => {
                    let doing = self.doing(&button.act)?;
                    Ok(Touch::Again { doing, every })
                }
                (Some(_), Some(Value::Bool(false))) => Ok(Touch::End),
                (Some(_), _) => Err(self.expected("true or false")),
            },
            Kind::Toggle(toggle) => match value {
                Some(Value::Bool(true)) => self.write(&toggle.on, None),
                Some(Value::Bool(false)) => self.write(&toggle.off, None),
                _ => Err(self.expected("true or false")),
            },
            Kind::Slider(slider) => {
                self.write_number(&slider.send, value, Some(slider.min), Some(slider.max))
            }
            Kind::Number(number) => self.write_number(&number.send, value, number.min, number.max),
            Kind::Text(text) => {
                let typed = value.and_then(Value::as_str);
                let typed = typed.ok_or_else(|| self.expected("a text"))?;
                self.write(&text.send, Some(Datum::Text(typed)))
            }
            Kind::Choice(choice) => {
                let place = value.and_then(Value::as_u64);
                let place = place.and_then(|place| usize::try_from(place).ok());
                let entry = place.and_then(|place| choice.options.get(place));
                let entry = entry.ok_or_else(|| {
                    let last = choice.options.len().saturating_sub(1);
                    self.expected(format_args!(
                        "the number of one of its options, 0 to {last}"
                    ))
                })?;
                Ok(Touch::Once(Doing::Write(self.bytes(&entry.payload)?)))
            }
            Kind::Stop(stop) => match value {
                None | Some(Value::Null) => Ok(Touch::Halt(self.bytes(&stop.payload)?)),
                Some(_) => Err(self.expected("no value")),
            },
            Kind::Value(_) | Kind::Gauge(_) | Kind::Led(_) | Kind::Plot(_) | Kind::Label(_) => {
                Err(NotATouch::Picture(self.id.clone()))
            }
        }
    }

    fn write_number(
        &self,
        template: &Template,
        value: Option<&Value>,
        min: Option<f64>,
        max: Option<f64>,
    ) -> Result<Touch<'_>, NotATouch> {
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

    fn write(&self, template: &Template, value: Option<Datum<'_>>) -> Result<Touch<'_>, NotATouch> {
        let text = self.fill(template, value)?;
        Ok(Touch::Once(Doing::Write(text.into_bytes())))
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

    fn doing<'a>(&self, act: &'a Act) -> Result<Doing<'a>, NotATouch> {
        match act {
            Act::Send(payload) => self.bytes(payload).map(Doing::Write),
            Act::Run { runs } => Ok(Doing::Run(runs)),
        }
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

    fn widget(kind: Value) -> Widget {
        let mut fields = kind.as_object().unwrap().clone();
        fields.insert("id".into(), "it".into());
        fields.insert("at".into(), json!([0, 0, 3, 2]));
        Widget::read(fields).unwrap()
    }

    fn write(text: &str) -> Touch<'_> {
        Touch::Once(Doing::Write(text.into()))
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
            assert_eq!(
                widget(kind.clone()).touch(Some(&value)).unwrap(),
                write(sent)
            );
        }
        assert_eq!(widget(button).touch(None).unwrap(), write("{go}"));
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
            let error = widget(kind.clone())
                .touch(Some(&value))
                .unwrap_err()
                .to_string();
            assert!(error.contains(named), "{kind} {value}: {error}");
        }
    }

    #[test]
    fn a_button_runs_a_macro_or_sends_again_and_again_and_a_stop_halts() {
        let button = widget(json!({"type": "button", "macro": "cool"}));
        assert_eq!(button.touch(None).unwrap(), Touch::Once(Doing::Run("cool")));
        let switch = widget(json!({"type": "button", "send": "x", "every": 500}));
        let doing = Doing::Write(b"x".to_vec());
        let on = switch.touch(Some(&json!(true))).unwrap();
        assert_eq!(on, Touch::Again { doing, every: 500 });
        assert_eq!(switch.touch(Some(&json!(false))).unwrap(), Touch::End);
        let stop = widget(json!({"type": "stop", "hex": "00 ff"}));
        assert_eq!(stop.touch(None).unwrap(), Touch::Halt(vec![0, 255]));
    }
}
