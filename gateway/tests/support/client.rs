//! A client that sees what is on the wire: framing, and whether a body ended or was cut.

use super::PATIENCE;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

/// A connection with an answer of which the header was read.
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    reader: BufReader<TcpStream>,
    bodyless: bool,
}

/// A body, and whether its framing says that it is whole.
#[derive(Debug)]
pub struct Body {
    pub bytes: Vec<u8>,
    pub whole: bool,
}

pub fn get(addr: &str, path: &str) -> Answer {
    ask(addr, "GET", path, &[])
}

pub fn ask(addr: &str, method: &str, path: &str, headers: &[&str]) -> Answer {
    try_ask(addr, method, path, headers).unwrap()
}

pub fn try_ask(addr: &str, method: &str, path: &str, headers: &[&str]) -> std::io::Result<Answer> {
    let mut stream = TcpStream::connect(addr)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let more: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
    stream.write_all(format!("{method} {path} HTTP/1.1\r\nHost: client.example\r\n{more}\r\n").as_bytes())?;
    let mut reader = BufReader::new(stream);
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut line = Vec::new();
        if reader.read_until(b'\n', &mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        head.extend(line);
    }
    let head = String::from_utf8(head).unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let pairs = lines.filter_map(|line| line.split_once(": "));
    let headers = pairs.map(|(name, value)| (name.to_ascii_lowercase(), value.to_string())).collect();
    Ok(Answer { status, headers, reader, bodyless: method == "HEAD" || status == 204 || status == 304 })
}

impl Answer {
    /// All values of a header, joined as HTTP allows.
    pub fn header(&self, name: &str) -> Option<String> {
        let values: Vec<_> =
            self.headers.iter().filter(|(one, _)| one == name).map(|(_, value)| value.as_str()).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    fn chunked(&self) -> bool {
        self.header("transfer-encoding").is_some_and(|value| value == "chunked")
    }

    /// One chunk; none at the end, an error where it is cut.
    pub fn chunk(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        let mut line = String::new();
        self.reader.read_line(&mut line)?;
        let cut = || std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
        let size = usize::from_str_radix(line.trim_end(), 16).map_err(|_| cut())?;
        let mut chunk = vec![0; size + 2];
        self.reader.read_exact(&mut chunk)?;
        chunk.truncate(size);
        Ok((size > 0).then_some(chunk))
    }

    /// The next chunk, which is there and is text.
    pub fn next(&mut self) -> String {
        String::from_utf8(self.chunk().unwrap().expect("the stream goes on")).unwrap()
    }

    /// Reads to the end, whatever kind of end.
    pub fn body(mut self) -> Body {
        let mut bytes = Vec::new();
        if self.bodyless {
            return Body { bytes, whole: true };
        }
        if let Some(length) = self.header("content-length") {
            bytes.resize(length.parse().unwrap(), 0);
            let whole = self.reader.read_exact(&mut bytes).is_ok();
            return Body { bytes, whole };
        }
        assert!(self.chunked(), "a body without framing cannot show that it was cut");
        loop {
            match self.chunk() {
                Ok(Some(chunk)) => bytes.extend(chunk),
                end => return Body { bytes, whole: end.is_ok() },
            }
        }
    }

    pub fn text(self) -> String {
        String::from_utf8(self.body().bytes).unwrap()
    }

    pub fn json(self) -> serde_json::Value {
        serde_json::from_str(&self.text()).unwrap()
    }
}
