//! Signatures of our own requests, as other implementations computed them: URLs by google-cloud-storage 3.17.1 (for HMAC keys with
//! its algorithm's name replaced), headers by botocore with Google's words, shared access signatures by azure-storage-blob
//! 12.31.1 for the version 2020-12-06.

use http::Method;
use url::Url;

use super::*;
use crate::Request;
use crate::exchange::find;

/// A key that opens nothing.
const PEM: &str = include_str!("test-key.pem");
/// Another, in base64.
const ACCOUNT_KEY: &str = "dXB0YWtlIHRlc3RzIHNpZ24gd2l0aCB0aGlzIGtleSwgd2hpY2ggb3BlbnMgbm90aGluZw==";

fn google(access_key: &str, key: SigningKey) -> V4 {
    V4 {
        dialect: Dialect::Google,
        access_key: access_key.to_owned(),
        key,
        token: None,
        region: "auto".to_owned(),
        service: "storage".to_owned(),
        at: "20260102T030405Z".to_owned(),
    }
}

fn shared() -> V4 {
    google("GOOGUPTAKETEST", SigningKey::shared("uptake-test-secret-which-opens-nothing").unwrap())
}

fn private() -> V4 {
    google("signer@uptake.test", SigningKey::pem(PEM).unwrap())
}

/// A part with a header of the provider's.
fn part() -> Request {
    let url = "https://storage.test/bucket/a%20file/b~c.mp4?partNumber=2&uploadId=a%2Fb%2Bc%3D";
    Request {
        headers: vec![("x-goog-meta-take".to_owned(), " two   words ".to_owned())],
        body: "one part".to_owned().into(),
        ..Request::new(Method::PUT, Url::parse(url).unwrap())
    }
}

#[test]
fn urls_signed_for_google_are_those_of_its_library() {
    let of_hmac = "99990c643e6060e4695e7630bcf5461949fdedcdf3a5162f357da0f5d1c00558";
    let of_rsa = "5aaceaf092b685a2ea56f6ffe4d0d0a504a16c47528edaa1114c1e199049327e421d5af96d8cc7c40e6cc9249b00f7be1624\
                  9aa8a8b612e8b9b683980a728418b9d5cd685d84b70c9a6970be180522ca87a1ec1191b1d5f8c1d9ec48a9fb049e8ce097b5\
                  e0c2f09637289e35b89c1c37bc4f547faf9f5d2593d65ceb797dfdb4315042eb71d96bfe3fa93577f063767ac1027e94fbf3\
                  f9d3a6660f52a56cf63bf02887edb7e0098f6a9fd8cff629ded0ce69d45a49bbc574d2a4cad76923b0de2a495ff012c1b0c0\
                  4cecb96aecb72eca08fb9bb1cf17c719980540c5daea00d704fc8c833c5cd758a9c58a8d5bdab7fc64aba334f0f1ba7a585a\
                  988a3776868d";
    for (signer, algorithm, credential, signature) in
        [(shared(), "HMAC", "GOOGUPTAKETEST", of_hmac), (private(), "RSA", "signer%40uptake.test", of_rsa)]
    {
        let mut request = part();
        assert_eq!(signer.presign(&mut request, 600).unwrap(), signature);
        assert_eq!(
            request.url.query().unwrap(),
            format!(
                "partNumber=2&uploadId=a%2Fb%2Bc%3D&X-Goog-Algorithm=GOOG4-{algorithm}-SHA256&X-Goog-Credential={credential}\
                 %2F20260102%2Fauto%2Fstorage%2Fgoog4_request&X-Goog-Date=20260102T030405Z&X-Goog-Expires=600&\
                 X-Goog-SignedHeaders=host%3Bx-goog-meta-take&X-Goog-Signature={signature}"
            )
        );
    }
}

#[test]
fn a_signed_url_covers_its_port() {
    let mut request = Request::new(Method::GET, Url::parse("http://127.0.0.1:9000/bucket/o").unwrap());
    let signature = private().presign(&mut request, 600).unwrap();
    assert!(
        signature.starts_with("450d223a903d2100fdb80bbd49863d24b881335e5a764c3c4f5bfa18ccaaac9f"),
        "{signature}"
    );
}

#[test]
fn headers_signed_for_google_cover_the_body() {
    let of_rsa = "4cef6f151d89020c8e9c13d345c1b94fdb6cfddff907e377e359262e96b74442";
    for (signer, key, signature) in [
        (shared(), "GOOG4-HMAC-SHA256 Credential=GOOGUPTAKETEST", "4de770527b9a74e062f43e1474a934eb"),
        (private(), "GOOG4-RSA-SHA256 Credential=signer@uptake.test", of_rsa),
    ] {
        let mut request = part();
        request.headers.push(("Content-Type".to_owned(), "video/mp4".to_owned()));
        signer.sign(&mut request).unwrap();
        let digest = find(&request.headers, "x-goog-content-sha256").unwrap();
        assert_eq!(digest, "4eca3d52a33b6ab905986232041979f634ecc361460db3a63116e2d3767c7313");
        let authorization = find(&request.headers, "authorization").unwrap();
        let start = format!(
            "{key}/20260102/auto/storage/goog4_request, \
             SignedHeaders=content-type;host;x-goog-content-sha256;x-goog-date;x-goog-meta-take, Signature={signature}"
        );
        assert!(authorization.starts_with(&start), "{authorization}\n{start}");
    }
}

#[test]
fn a_url_signed_for_google_covers_the_digest_that_the_request_names() {
    let named = |digest: &str| {
        let mut request = part();
        request.headers.push(("x-goog-content-sha256".to_owned(), digest.to_owned()));
        shared().presign(&mut request, 600).unwrap()
    };
    assert_ne!(named("a"), named("b"));
}

fn sas(permissions: &str, resource: SasResource) -> Sas {
    Sas {
        account: "uptaketest".to_owned(),
        key: ACCOUNT_KEY.to_owned(),
        permissions: permissions.to_owned(),
        resource,
        start: None,
        expiry: "2026-01-02T03:14:05Z".to_owned(),
    }
}

fn put(url: &str) -> Request {
    Request::new(Method::PUT, Url::parse(url).unwrap())
}

#[test]
fn shared_access_signatures_are_those_of_azure_s_library() {
    let from = Some("2026-01-02T03:04:05Z".to_owned());
    let dated = Sas { start: from, ..sas("cw", SasResource::Blob) };
    for (signer, signature) in [
        (dated, "ScZdLJk/E1WpoTNdOGK07VLmLwU4Q1QW5fN/aD2hx3M="),
        (sas("r", SasResource::Blob), "onEux2Qs26ICGGDHAvgdG5UnZ6F0Z/oLzqLO2/LqDWs="),
        (sas("rl", SasResource::Container), "5cdvpuIM2IUNQemOvb6GKnQECIf0cgiFdZDZYMXX5qA="),
    ] {
        for base in ["https://uptaketest.blob.core.windows.net", "http://127.0.0.1:10000/uptaketest"] {
            let mut request = put(&format!("{base}/media/a%20film/b~c.mp4?comp=block"));
            assert_eq!(signer.sign(&mut request).unwrap(), signature, "{base}");
        }
    }
}

#[test]
fn a_shared_access_signature_is_added_to_the_query() {
    let mut request = put("https://uptaketest.blob.core.windows.net/media/a%20film/b~c.mp4?comp=block");
    sas("r", SasResource::Blob).sign(&mut request).unwrap();
    assert_eq!(
        request.url.query().unwrap(),
        "comp=block&sv=2020-12-06&se=2026-01-02T03%3A14%3A05Z&sr=b&sp=r&\
         sig=onEux2Qs26ICGGDHAvgdG5UnZ6F0Z%2FoLzqLO2%2FLqDWs%3D"
    );
}

#[test]
fn what_no_shared_access_signature_can_be_made_for_is_said() {
    let elsewhere =
        sas("r", SasResource::Blob).sign(&mut put("http://127.0.0.1:10000/other/media/a")).unwrap_err();
    assert!(elsewhere.to_string().contains("begins with the account `uptaketest`"), "{elsewhere}");
    let no_blob =
        sas("r", SasResource::Blob).sign(&mut put("http://127.0.0.1:10000/uptaketest/media")).unwrap_err();
    assert!(no_blob.to_string().contains("names no blob"), "{no_blob}");
    assert_eq!(Sas::check_key("AccountKey=abc;"), Err(KeyFault::NotBase64));
    assert_eq!(Sas::check_key(""), Err(KeyFault::Empty));
}
