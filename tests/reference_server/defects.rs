//! A faithful server tells in every area what is written down in the snapshots, and each planted defect tells something
//! else in its own area: none of them does nothing.

use uptake_reference::{Defect, Defects};

use crate::talks::{auth, bytes, grace, http, part, revoke, schema, token, ttl, upload};

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
                    if $area::talk(Defects::none().with(*defect)).await == faithful {
                        idle.push(defect.name());
                    }
                }
                assert!(idle.is_empty(), "these defects change nothing that is asked about: {idle:?}");
            }
        )*

        #[test]
        fn every_area_has_a_conversation() {
            let areas = [$(stringify!($area)),*];
            for defect in Defect::all() {
                assert!(areas.contains(&defect.area()), "{defect}");
            }
        }
    };
}

areas! { auth bytes grace http part revoke schema token ttl upload }

#[tokio::test]
async fn dump_all() {
    let Ok(folder) = std::env::var("DUMP") else { return };
    macro_rules! dump { ($($area:ident)*) => { $(
        std::fs::create_dir_all(format!("{folder}/{}", stringify!($area))).unwrap();
        std::fs::write(format!("{folder}/{}/faithful", stringify!($area)), $area::talk(Defects::none()).await).unwrap();
        for defect in Defect::all().iter().filter(|d| d.area() == stringify!($area)) {
            std::fs::write(format!("{folder}/{}/{}", stringify!($area), defect.name()), $area::talk(Defects::none().with(*defect)).await).unwrap();
        }
    )* } }
    dump! { auth bytes grace http part revoke schema token ttl upload }
}
