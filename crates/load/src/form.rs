//! The multipart form around a segment. Its buffers are reused from one upload to the next.

/// The parts of a form before and after the file's bytes.
pub(super) struct Form {
    pub(super) content_type: String,
    /// Everything before the file's bytes.
    pub(super) before: Vec<u8>,
    /// The same before the segment that begins the file, and that file's first page.
    pub(super) before_first: Vec<u8>,
    /// The first page of a generated file.
    pub(super) page: Vec<u8>,
    /// Everything after them.
    pub(super) after: Vec<u8>,
    boundary: String,
    /// The head of the file's part.
    file_head: Vec<u8>,
}

impl Form {
    pub(super) fn new(boundary: &str) -> Self {
        let file_head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"load.mp4\"\r\n\
             Content-Type: video/mp4\r\n\r\n"
        );
        Self {
            content_type: format!("multipart/form-data; boundary={boundary}"),
            before: Vec::with_capacity(512),
            before_first: Vec::with_capacity(8_192),
            page: Vec::with_capacity(4_096),
            after: format!("\r\n--{boundary}--\r\n").into_bytes(),
            boundary: boundary.to_owned(),
            file_head: file_head.into_bytes(),
        }
    }

    /// Prepares the form of a segment with the page of the file; all segments of a video but the first name its id.
    pub(super) fn prepare(&mut self, video_id: Option<&str>) {
        self.before.clear();
        if let Some(video_id) = video_id {
            let head = "\r\nContent-Disposition: form-data; name=\"videoId\"\r\n\r\n";
            for text in ["--", &self.boundary, head, video_id, "\r\n"] {
                self.before.extend_from_slice(text.as_bytes());
            }
        }
        self.before.extend_from_slice(&self.file_head);
        self.before_first.clear();
        self.before_first.extend_from_slice(&self.before);
        self.before_first.extend_from_slice(&self.page);
    }
}
