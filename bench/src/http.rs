//! As much of HTTP/1.1 as the Runtime API, DynamoDB and the stand-ins need.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use crate::outcome::Outcome;

/// A request or a response.
pub struct Message {
    /// `POST / HTTP/1.1`, or `HTTP/1.1 200 OK`.
    pub first: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Message {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The path of a request.
    pub fn path(&self) -> &str {
        self.first.split(' ').nth(1).unwrap_or_default()
    }

    /// The status of a response.
    pub fn status(&self) -> u16 {
        let status = self.first.split(' ').nth(1);
        status
            .and_then(|text| text.parse().ok())
            .unwrap_or_default()
    }
}

/// A connection, from either side.
pub struct Connection {
    reader: BufReader<TcpStream>,
}

impl Connection {
    pub fn new(stream: TcpStream) -> Outcome<Self> {
        stream.set_nodelay(true)?;
        let reader = BufReader::new(stream);
        Ok(Self { reader })
    }

    pub fn to(address: &str) -> Outcome<Self> {
        Self::new(TcpStream::connect(address)?)
    }

    /// The next message. `None` when the other side has closed the connection.
    pub fn read(&mut self) -> Outcome<Option<Message>> {
        let first = self.line()?;
        if first.is_empty() {
            return Ok(None);
        }
        let mut message = Message {
            first,
            headers: Vec::new(),
            body: Vec::new(),
        };
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(':') else {
                break;
            };
            message
                .headers
                .push((name.to_owned(), value.trim().to_owned()));
        }
        let chunked = message
            .header("transfer-encoding")
            .is_some_and(|value| value.eq_ignore_ascii_case("chunked"));
        if chunked {
            loop {
                let size = usize::from_str_radix(&self.line()?, 16)?;
                self.take(size, &mut message.body)?;
                self.line()?;
                if size == 0 {
                    break;
                }
            }
        } else if let Some(size) = message.header("content-length") {
            let size = size.parse()?;
            self.take(size, &mut message.body)?;
        }
        Ok(Some(message))
    }

    /// Sends a message with these lines of headers, without the length.
    pub fn write(&mut self, first: &str, headers: &[(&str, &str)], body: &[u8]) -> Outcome<()> {
        let mut bytes = format!("{first}\r\n").into_bytes();
        for (name, value) in headers {
            bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        bytes.extend_from_slice(format!("content-length: {}\r\n\r\n", body.len()).as_bytes());
        bytes.extend_from_slice(body);
        Ok(self.reader.get_mut().write_all(&bytes)?)
    }

    /// Sends a request, and waits for its response.
    pub fn ask(&mut self, first: &str, headers: &[(&str, &str)], body: &[u8]) -> Outcome<Message> {
        let first = format!("{first} HTTP/1.1");
        let headers = [&[("host", "127.0.0.1")], headers].concat();
        self.write(&first, &headers, body)?;
        Ok(self.read()?.ok_or("the connection was closed")?)
    }

    fn line(&mut self) -> Outcome<String> {
        let mut line = String::new();
        self.reader.read_line(&mut line)?;
        Ok(line.trim_end().to_owned())
    }

    fn take(&mut self, size: usize, body: &mut Vec<u8>) -> Outcome<()> {
        let start = body.len();
        body.resize(start + size, 0);
        Ok(self
            .reader
            .read_exact(body.get_mut(start..).unwrap_or_default())?)
    }
}
