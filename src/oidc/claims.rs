//! Claims: what a provider says of somebody, and who that is here.

use serde_json::{Map, Value};

use super::{OidcError, short};
use crate::access::Known;
use crate::config::oidc::Oidc;

/// Who it is whom these claims are of.
pub fn known(claims: &Map<String, Value>, config: &Oidc) -> Result<Known, OidcError> {
    let claim = &config.name_claim;
    let name = claims.get(claim).and_then(Value::as_str);
    let name = name.ok_or_else(|| OidcError::NoName(claim.clone()))?;
    // Else whoever writes somebody's address into a form would be somebody.
    if claim == "email" && claims.get("email_verified") != Some(&Value::Bool(true)) {
        return Err(OidcError::Unverified(short(name)));
    }
    let groups: Vec<&str> = match claims.get(&config.groups_claim) {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    // Keycloak writes a group as a path.
    let groups = groups.into_iter();
    let groups = groups.map(|group| group.strip_prefix('/').unwrap_or(group));
    Ok(Known::new(name, groups)?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn known(claims: Value, claim: &str) -> Result<Known, OidcError> {
        let config = json!({"issuer": "https://id.example", "client_id": "x", "name_claim": claim});
        let config: Oidc = serde_json::from_value(config).unwrap();
        super::known(claims.as_object().unwrap(), &config)
    }

    #[test]
    fn a_name_is_one_that_an_account_could_have_and_an_address_is_verified() {
        let name = "preferred_username";
        let ada = known(json!({"preferred_username": "ada"}), name).unwrap();
        assert!(ada.name == "ada" && ada.groups.is_empty());
        for wrong in [json!("a b"), json!("anyone"), json!("@staff"), json!("")] {
            let told = known(json!({"preferred_username": wrong}), name);
            assert!(matches!(told, Err(OidcError::Name(_))), "{wrong}");
        }
        for absent in [json!({}), json!({"preferred_username": 7})] {
            assert!(matches!(known(absent, name), Err(OidcError::NoName(_))));
        }
        for (verified, taken) in [
            (json!(true), true),
            (json!("true"), false),
            (json!(false), false),
            (Value::Null, false),
        ] {
            let claims = json!({"email": "ada@lab.example", "email_verified": verified});
            assert_eq!(known(claims, "email").is_ok(), taken);
        }
    }

    #[test]
    fn groups_are_a_list_or_one_with_or_without_a_slash() {
        for (told, groups) in [
            (
                json!(["staff", "/lab", "/a/b", "c d", 7]),
                vec!["lab", "staff"],
            ),
            (json!("staff"), vec!["staff"]),
            (json!({"staff": true}), vec![]),
        ] {
            let claims = json!({"preferred_username": "ada", "groups": told});
            let known = known(claims, "preferred_username").unwrap();
            assert_eq!(known.groups.iter().collect::<Vec<_>>(), groups);
        }
    }
}
