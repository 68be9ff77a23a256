//! Which faults are the network's.

use uptake_wire::{Fault, Phase};

/// Whether a connection was lost, which may be the network's doing.
pub(crate) fn is_loss(fault: &Fault) -> bool {
    never_arrived(fault) || matches!(fault, Fault::ClosedEarly(_))
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
