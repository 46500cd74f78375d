//! Serial ports on the web.
