//! Serial ports on the web.

pub mod identity;

/// All ports by name.
pub mod hub {
    pub mod discovery;
}

/// A serial line under a name.
pub mod port {
    pub mod advice;
}
