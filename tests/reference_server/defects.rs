//! A faithful server tells in every area what is written down in the snapshots, and each planted defect tells something
//! else: in the conversation of its own area, or to a rule of the suite that is recorded to catch it. None of them does
//! nothing.

use uptake_reference::{Defect, Defects};

use crate::talks::{auth, bytes, grace, http, part, revoke, schema, token, ttl, upload};

/// Whether the suite's record says that a rule catches it.
fn is_recorded(defect: Defect) -> bool {
    let record = include_str!("../../scenarios/api-video/proof.yaml");
    record.split(|c: char| c != '-' && !c.is_alphanumeric()).any(|name| name == defect.name())
}

macro_rules! areas {
    ($($area:ident)*) => {
        $(
            #[tokio::test]
            async fn $area() {
                let faithful = $area::talk(Defects::none()).await;
                insta::assert_snapshot!(stringify!($area), faithful);
                assert_eq!($area::talk(Defects::none()).await, faithful, "it must not depend on chance");
                let mut idle = Vec::new();
                for defect in Defect::all().iter().filter(|defect| defect.area() == stringify!($area)) {
                    if is_recorded(*defect) {
                        continue;
                    }
                    if $area::talk(Defects::none().with(*defect)).await == faithful {
                        idle.push(defect.name());
                    }
                }
                assert!(idle.is_empty(), "these defects change nothing that is asked about: {idle:?}");
            }
        )*

        #[test]
        fn every_defect_is_shown_by_a_conversation_or_a_rule() {
            let areas = [$(stringify!($area)),*];
            for defect in Defect::all() {
                assert!(areas.contains(&defect.area()) || is_recorded(*defect), "{defect}");
            }
        }
    };
}

areas! { auth bytes grace http part revoke schema token ttl upload }
