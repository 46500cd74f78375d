//! The tool that looks for a text in everything that is kept.

use std::time::Duration;

use form_urlencoded::Serializer;
use serde::Deserialize;
use serde_json::json;

use super::reading::expect;
use super::tools::{Failure, Outcome, Tools};

const MATCHES: usize = 20;
const MOST_MATCHES: usize = 200;
/// How long a search may take.
const SEARCH: Duration = Duration::from_secs(60);

/// What to look for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Search {
    query: String,
    #[serde(default)]
    regex: bool,
    #[serde(default)]
    case: bool,
    #[serde(default)]
    ports: Vec<String>,
    kind: Option<String>,
    from: Option<String>,
    to: Option<String>,
    limit: Option<usize>,
    context: Option<u64>,
}

impl Search {
    fn into_path(self, limit: usize, context: u64) -> String {
        let path = "api/v1/search?".to_owned();
        let begin = path.len();
        let mut query = Serializer::for_suffix(path, begin);
        query.append_pair("q", &self.query);
        query.append_pair("limit", &limit.to_string());
        query.append_pair("context", &context.to_string());
        let yes = |is_on: bool| is_on.then(|| "yes".to_owned());
        let wishes = [
            ("regex", yes(self.regex)),
            ("case", yes(self.case)),
            (
                "port",
                (!self.ports.is_empty()).then(|| self.ports.join(",")),
            ),
            ("kind", self.kind),
            ("from", self.from),
            ("to", self.to),
        ];
        for (key, value) in wishes {
            query.extend_pairs(value.map(|value| (key, value)));
        }
        query.finish()
    }
}

/// Places where something stands.
pub async fn search(tools: &Tools, wish: Search) -> Outcome {
    let (limit, context) = (wish.limit.unwrap_or(MATCHES), wish.context.unwrap_or(0));
    expect("limit", limit as u64, 1, MOST_MATCHES as u64)?;
    expect("context", context, 0, 20)?;
    let query = wish.into_path(limit, context);
    let client = tools.client();
    let (mut matches, mut complete) = (Vec::new(), false);
    let looking = async {
        let mut answer = client.follow_get(&query).await?;
        while let Some(mut told) = answer.line().await? {
            match told["type"].as_str() {
                Some("match") => {
                    if let Some(found) = told.as_object_mut() {
                        found.remove("type");
                    }
                    matches.push(told);
                }
                Some("end") => complete = told["more"].is_null(),
                _ => {}
            }
        }
        Ok::<_, Failure>(())
    };
    // What was found within the time is worth telling.
    if let Ok(failed @ Err(_)) = tokio::time::timeout(SEARCH, looking).await {
        failed?;
    }
    Ok(json!({"matches": matches, "complete": complete}))
}
