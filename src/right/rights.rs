//! Rights: all that one person or program may do, by its grants, within those of somebody else, or as a guest.

use std::sync::Arc;

use super::{Grant, Right};
use crate::record::Excerpt;
use crate::wildcard;

/// What of a server is for whoever came by a link to a port.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guest {
    /// The one panel whose controls may be used, where nothing else may be done than to see.
    pub panel: Option<String>,
    /// The one page of the user's own that is shown, by its path.
    pub page: Option<String>,
    /// The one stretch of the port's journal that is shown, without anything else of the port.
    pub excerpt: Option<Excerpt>,
}

/// What somebody may do, on which ports. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rights {
    grants: Arc<[Grant]>,
    /// Nothing that these do not allow: those of the person whose token it is.
    within: Option<Arc<Rights>>,
    /// Those of a guest, to whom only the port is shown.
    guest: Option<Arc<Guest>>,
}

impl Rights {
    /// These grants.
    pub fn new(grants: impl IntoIterator<Item = Grant>) -> Self {
        Self {
            grants: grants.into_iter().collect(),
            within: None,
            guest: None,
        }
    }

    /// Everything.
    pub fn all() -> Self {
        Self::new([Grant {
            right: Right::Administer,
            ports: Grant::EVERYWHERE.to_owned(),
        }])
    }

    /// Nothing.
    pub fn none() -> Self {
        Self::new([])
    }

    /// These, as far as others allow them.
    #[must_use]
    pub fn within(self, others: Self) -> Self {
        let others = match self.within {
            Some(within) => others.within(Arc::unwrap_or_clone(within)),
            None => others,
        };
        Self {
            grants: self.grants,
            within: Some(Arc::new(others)),
            guest: self.guest,
        }
    }

    /// These, as far as they are for a guest.
    #[must_use]
    pub fn for_guest(self, guest: Guest) -> Self {
        Self {
            guest: Some(Arc::new(guest)),
            ..self
        }
    }

    /// What of the server is for a guest, if they are one's.
    pub fn guest(&self) -> Option<&Guest> {
        self.guest.as_deref()
    }

    /// The one stretch that a guest sees of a port.
    pub fn excerpt(&self) -> Option<Excerpt> {
        self.guest()?.excerpt
    }

    /// The one panel that a guest may use, and nothing else.
    fn panel(&self) -> Option<&str> {
        self.guest()?.panel.as_deref()
    }

    /// Whether a panel is one of those that are shown.
    pub fn show_panel(&self, panel: &str) -> bool {
        self.excerpt().is_none() && self.panel().is_none_or(|own| own == panel)
    }

    /// Those of whoever uses a control of this panel.
    #[must_use]
    pub fn using(&self, panel: &str) -> Self {
        match self.panel() == Some(panel) {
            true => self.ending(),
            false => self.clone(),
        }
    }

    /// Those of whoever ends what is going on: who may start something by a panel may end everything.
    #[must_use]
    pub fn ending(&self) -> Self {
        Self {
            guest: None,
            ..self.clone()
        }
    }

    /// So much of a right as counts without a panel.
    fn bare(&self, right: Right) -> Right {
        self.panel().map_or(right, |_| right.min(Right::See))
    }

    /// What they were given as; of a scope, what it was made for.
    pub fn grants(&self) -> impl Iterator<Item = Grant> {
        self.grants.iter().map(|grant| Grant {
            right: self.bare(grant.right),
            ports: grant.ports.clone(),
        })
    }

    /// Whether they are only as far as others allow them.
    pub fn is_scope(&self) -> bool {
        self.within.is_some()
    }

    /// The most that is allowed on a port.
    pub fn on(&self, port: &str) -> Option<Right> {
        let fitting = self
            .grants
            .iter()
            .filter(|grant| wildcard::fits(&grant.ports, port));
        let most = self.bare(fitting.map(|grant| grant.right).max()?);
        match &self.within {
            Some(within) => Some(most.min(within.on(port)?)),
            None => Some(most),
        }
    }

    /// The most that is allowed on any port there could be.
    pub fn anywhere(&self) -> Option<Right> {
        let most = self.bare(self.grants.iter().map(|grant| grant.right).max()?);
        match &self.within {
            Some(within) => Some(most.min(within.anywhere()?)),
            None => Some(most),
        }
    }

    /// Whether that much is allowed on a port.
    pub fn allow(&self, port: &str, right: Right) -> bool {
        self.on(port) >= Some(right)
    }

    /// Whether the server itself may be changed: its people, panels and doors. Only who administers
    /// every port may, whatever ports are added.
    pub fn administer(&self) -> bool {
        let everything =
            |grant: &Grant| grant.right == Right::Administer && grant.ports == Grant::EVERYWHERE;
        self.grants.iter().any(everything)
            && self
                .within
                .as_ref()
                .is_none_or(|within| within.administer())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rights(grants: &[&str]) -> Rights {
        Rights::new(grants.iter().map(|grant| grant.parse().unwrap()))
    }

    #[test]
    fn the_greatest_grant_that_fits_counts() {
        let some = rights(&["see", "type:rack1-*", "control:rack1-7"]);
        for (port, right) in [
            ("uno", Right::See),
            ("rack1-1", Right::Type),
            ("rack1-7", Right::Control),
        ] {
            assert_eq!(some.on(port), Some(right), "{port}");
        }
        assert!(some.allow("rack1-1", Right::See) && !some.allow("rack1-1", Right::Control));
        assert_eq!(rights(&["see:rack*"]).on("uno"), None);
        assert!(!Rights::none().allow("uno", Right::See));
        assert_eq!(some.anywhere(), Some(Right::Control));
        assert_eq!(Rights::none().anywhere(), None);
    }

    #[test]
    fn a_scope_takes_away_and_never_adds() {
        let token = rights(&["administer"]).within(rights(&["see", "type:uno"]));
        assert_eq!(token.on("uno"), Some(Right::Type));
        assert_eq!(token.on("rack"), Some(Right::See));
        let token = rights(&["see:uno"]).within(Rights::all());
        assert_eq!(
            (token.on("uno"), token.on("rack")),
            (Some(Right::See), None)
        );
        let twice = rights(&["control"])
            .within(rights(&["type"]))
            .within(rights(&["see"]));
        assert_eq!(twice.on("uno"), Some(Right::See));
        assert_eq!(twice.anywhere(), Some(Right::See));
    }

    #[test]
    fn only_who_administers_everything_administers_the_server() {
        assert!(Rights::all().administer());
        assert!(!rights(&["administer:rack*", "control"]).administer());
        assert!(!Rights::all().within(rights(&["control"])).administer());
        assert!(!rights(&["see"]).within(Rights::all()).administer());
    }

    #[test]
    fn a_guest_types_by_its_panel_alone_and_may_end_everything() {
        let guest = Guest {
            panel: Some("oven".to_owned()),
            ..Guest::default()
        };
        let by_panel = |given: &str, within: &str| {
            let within = rights(&[within]);
            rights(&[given]).within(within).for_guest(guest.clone())
        };
        let rights = by_panel("type:uno", "administer");
        assert_eq!(rights.on("uno"), Some(Right::See));
        assert_eq!(rights.anywhere(), Some(Right::See));
        let told: Vec<_> = rights.grants().map(|grant| grant.to_string()).collect();
        assert_eq!(told, ["see:uno"]);
        for (port, panel, right) in [
            ("uno", "oven", Some(Right::Type)),
            ("uno", "other", Some(Right::See)),
            ("rack", "oven", None),
        ] {
            assert_eq!(rights.using(panel).on(port), right, "{port} by {panel}");
        }
        assert!(rights.show_panel("oven") && !rights.show_panel("other"));
        assert_eq!(rights.ending().on("uno"), Some(Right::Type));
        let less = by_panel("type:uno", "see");
        assert_eq!(less.using("oven").on("uno"), Some(Right::See));
    }
}
