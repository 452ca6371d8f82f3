//! A reply before it is on the wire, and the body that hyper sends: whole, or cut short.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use hyper::body::{Body, Frame, SizeHint};

pub(crate) const SCIM_JSON: &str = "application/scim+json";

/// Status, headers and body, and how much of the body is really sent.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The connection closes after so many bytes of the body.
    pub(crate) cut: Option<usize>,
}

impl Reply {
    pub(crate) fn new(status: u16, body: Vec<u8>) -> Self {
        Self { status, headers: HeaderMap::new(), body: body.into(), cut: None }
    }

    pub(crate) fn scim(body: Vec<u8>) -> Self {
        let mut reply = Self::new(200, body);
        let content_type = HeaderValue::from_static(SCIM_JSON);
        reply.headers.insert(http::header::CONTENT_TYPE, content_type);
        reply
    }

    /// With a header; one that cannot stand on the wire is left out.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// What is really sent of the body.
    pub(crate) fn sent(&self) -> Bytes {
        let length = self.cut.map_or(self.body.len(), |cut| cut.min(self.body.len()));
        self.body.slice(..length)
    }

    pub(crate) fn into_response(self) -> Response<Sending> {
        let sending = Sending {
            announced: self.body.len(),
            rest: Some(self.sent()),
            is_cut: self.cut.is_some_and(|cut| cut < self.body.len()),
            has_paused: false,
        };
        let mut response = Response::new(sending);
        *response.headers_mut() = self.headers;
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        response
    }
}

/// A body on its way out.
#[derive(Debug)]
pub(crate) struct Sending {
    announced: usize,
    rest: Option<Bytes>,
    is_cut: bool,
    has_paused: bool,
}

impl Body for Sending {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(data) = self.rest.take().filter(|data| !data.is_empty()) {
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
        if !self.is_cut {
            return Poll::Ready(None);
        }
        if !self.has_paused {
            // An error discards what is not yet flushed, so one turn of the connection comes first.
            self.has_paused = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(io::Error::other("the reply is cut short by a fault"))))
    }

    fn is_end_stream(&self) -> bool {
        !self.is_cut && self.rest.as_ref().is_none_or(Bytes::is_empty)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(u64::try_from(self.announced).unwrap_or(u64::MAX))
    }
}
