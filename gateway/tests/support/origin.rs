//! Origins that say exactly the bytes they are told to, and break off as they are told to.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

pub const EVENTS: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

/// A server on a port of its own; every connection is one call of its handler for each request.
pub struct Origin {
    pub addr: String,
    pub requests: Arc<Mutex<Vec<String>>>,
    count: Arc<AtomicUsize>,
}

/// The connection with one request read from it.
pub struct Talk {
    pub request: String,
    pub stream: TcpStream,
    /// What had arrived before the end could still be read; a closed connection answers nothing.
    closed: bool,
}

impl Origin {
    pub fn start(handle: impl Fn(&mut Talk) + Send + Sync + 'static) -> Origin {
        Origin::at("127.0.0.1:0", handle)
    }

    pub fn at(addr: &str, handle: impl Fn(&mut Talk) + Send + Sync + 'static) -> Origin {
        let listener = TcpListener::bind(addr).unwrap();
        let addr = listener.local_addr().unwrap().to_string();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let count = Arc::new(AtomicUsize::new(0));
        let (handle, seen, counted) = (Arc::new(handle), requests.clone(), count.clone());
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (handle, seen, counted) = (handle.clone(), seen.clone(), counted.clone());
                thread::spawn(move || {
                    let mut talk = Talk { request: String::new(), stream: stream.unwrap(), closed: false };
                    while talk.next_request() {
                        if !talk.request.starts_with("GET /health ") {
                            seen.lock().unwrap().push(talk.request.clone());
                            counted.fetch_add(1, Ordering::SeqCst);
                        }
                        handle(&mut talk);
                    }
                });
            }
        });
        Origin { addr, requests, count }
    }

    /// Answers everything with these bytes.
    pub fn saying(answer: &'static str) -> Origin {
        Origin::start(move |talk| talk.say(answer))
    }

    /// How many requests came, health checks left out.
    pub fn count(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }

    pub fn last_request(&self) -> String {
        self.requests.lock().unwrap().last().cloned().unwrap_or_default()
    }
}

impl Talk {
    fn next_request(&mut self) -> bool {
        let mut read = Vec::new();
        let mut byte = [0];
        while !read.ends_with(b"\r\n\r\n") {
            if self.closed {
                return false;
            }
            match self.stream.read(&mut byte) {
                Ok(1) => read.push(byte[0]),
                _ => return false,
            }
        }
        self.request = String::from_utf8(read).unwrap();
        true
    }

    pub fn say(&mut self, text: &str) {
        let _ = self.stream.write_all(text.as_bytes());
    }

    /// One event as one chunk.
    pub fn event(&mut self, data: &str) {
        let event = format!("data: {data}\n\n");
        self.say(&format!("{:x}\r\n{event}\r\n", event.len()));
    }

    pub fn end(&mut self) {
        self.say("0\r\n\r\n");
    }

    pub fn close(&mut self) {
        self.closed = true;
        let _ = self.stream.shutdown(std::net::Shutdown::Both);
    }

    /// Ends the connection with RST instead of FIN.
    pub fn reset(&mut self) {
        socket2::SockRef::from(&self.stream).set_linger(Some(Duration::ZERO)).unwrap();
        // Only closing sends it; the thread's own handle is replaced by one that leads nowhere.
        let nowhere = TcpListener::bind("127.0.0.1:0").unwrap();
        let other = TcpStream::connect(nowhere.local_addr().unwrap()).unwrap();
        drop(std::mem::replace(&mut self.stream, other));
        drop(nowhere);
    }

    /// Stays until the other side closes.
    pub fn wait_for_close(&mut self) {
        while matches!(self.stream.read(&mut [0; 64]), Ok(1..)) {}
    }
}

/// A JSON answer that keeps the connection.
pub fn json(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}
