//! The operations of the API, and which one a request asks for. How they are carried out is `api`'s.

use http::Method;

/// One call of the API, or none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Operation {
    /// `POST /auth/api-key`
    ExchangeKey,
    /// `POST /auth/refresh`
    Refresh,
    /// `POST /upload-tokens`
    CreateToken,
    /// `GET /upload-tokens`
    ListTokens,
    /// `GET /upload-tokens/{token}`
    ShowToken,
    /// `DELETE /upload-tokens/{token}`
    DeleteToken,
    /// `POST /upload`
    Upload,
    /// `POST /videos`
    CreateVideo,
    /// `GET /videos/{id}`
    ShowVideo,
    /// `DELETE /videos/{id}`
    DeleteVideo,
    /// `POST /videos/{id}/source`
    UploadSource,
    /// `GET /videos/{id}/status`
    ShowStatus,
    /// `OPTIONS` of any path: the pre-flight of a browser.
    Preflight,
    /// A path that the API does not have, or a method that its path does not have.
    Unknown,
}

impl Operation {
    /// What a request asks for. `HEAD` asks for what `GET` does.
    pub(crate) fn of(method: &Method, path: &str) -> Self {
        if *method == Method::OPTIONS {
            return Self::Preflight;
        }
        let method = if *method == Method::HEAD { "GET" } else { method.as_str() };
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        match (method, segments.as_slice()) {
            ("POST", ["auth", "api-key"]) => Self::ExchangeKey,
            ("POST", ["auth", "refresh"]) => Self::Refresh,
            ("POST", ["upload-tokens"]) => Self::CreateToken,
            ("GET", ["upload-tokens"]) => Self::ListTokens,
            ("GET", ["upload-tokens", _]) => Self::ShowToken,
            ("DELETE", ["upload-tokens", _]) => Self::DeleteToken,
            ("POST", ["upload"]) => Self::Upload,
            ("POST", ["videos"]) => Self::CreateVideo,
            ("GET", ["videos", _]) => Self::ShowVideo,
            ("DELETE", ["videos", _]) => Self::DeleteVideo,
            ("POST", ["videos", _, "source"]) => Self::UploadSource,
            ("GET", ["videos", _, "status"]) => Self::ShowStatus,
            _ => Self::Unknown,
        }
    }

    /// Whether it needs the API key or an access token. `POST /upload` needs an upload token instead.
    pub(crate) const fn needs_authorization(self) -> bool {
        !matches!(self, Self::ExchangeKey | Self::Refresh | Self::Upload | Self::Preflight | Self::Unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_asks_for_one_operation_or_for_none() {
        for (method, path, operation) in [
            (Method::POST, "/upload", Operation::Upload),
            (Method::GET, "/upload-tokens/to1", Operation::ShowToken),
            (Method::HEAD, "/videos/vi1/status", Operation::ShowStatus),
            (Method::OPTIONS, "/nothing", Operation::Preflight),
            (Method::PUT, "/videos", Operation::Unknown),
            (Method::GET, "/videos/", Operation::ShowVideo),
            (Method::GET, "/", Operation::Unknown),
        ] {
            assert_eq!(Operation::of(&method, path), operation, "{method} {path}");
        }
    }
}
