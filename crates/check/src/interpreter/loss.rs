//! Which faults are the network's.

use uptake_wire::{Fault, Phase};

/// Whether a connection was lost, which may be the network's doing.
pub(crate) fn is_loss(fault: &Fault) -> bool {
    // What TLS refused, it refuses the next time too.
    (never_arrived(fault) && !matches!(fault, Fault::Tls { .. }))
        || matches!(fault, Fault::ClosedEarly(_) | Fault::Reset { .. } | Fault::GoneAway { .. })
}

/// Whether the request cannot have reached the server.
pub(crate) fn never_arrived(fault: &Fault) -> bool {
    match fault {
        Fault::Resolve { .. } | Fault::Connect { .. } | Fault::Tls { .. } => true,
        Fault::Timeout { phase, .. } => {
            matches!(phase, Phase::Resolving | Phase::Connecting | Phase::Securing)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_that_is_refused_is_no_lost_connection() {
        let (to, reason) = ("localhost:443".to_owned(), "the certificate has expired".to_owned());
        assert!(!is_loss(&Fault::Tls { to: to.clone(), reason: reason.clone() }));
        assert!(is_loss(&Fault::Connect { to, reason }));
    }
}
