//! The reading half of the connector over a `send` that is a function: what it asks, and what it makes of the answer.

mod fixture;
mod paging;
mod server;
mod transcript;
