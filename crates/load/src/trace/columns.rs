//! Which columns of a recording have the time and the size: `time=started,bytes=size`.

/// The columns of a recording. A CSV file has names, an access log has numbers from 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Columns {
    pub(super) time: Option<String>,
    pub(super) bytes: Option<String>,
    pub(super) request: Option<String>,
}

impl Columns {
    /// Reads them.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "invalid columns `{text}`: write time=started,bytes=size for a CSV file, or time=4,request=5,bytes=10 for an access log"
            )
        };
        let mut columns = Self::default();
        for item in text.split(',') {
            let (key, name) = item.split_once('=').ok_or_else(wrong)?;
            let column = match key.trim() {
                "time" => &mut columns.time,
                "bytes" => &mut columns.bytes,
                "request" => &mut columns.request,
                _ => return Err(wrong()),
            };
            if name.trim().is_empty() || column.replace(name.trim().to_owned()).is_some() {
                return Err(wrong());
            }
        }
        Ok(columns)
    }

    /// Whether none is named.
    pub(super) fn are_default(&self) -> bool {
        *self == Self::default()
    }
}
