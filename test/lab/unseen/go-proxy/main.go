// Go's httputil.ReverseProxy as people write it, on loopback. Each flag is one habit of theirs; without flags it is the
// example of the documentation.
package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"flag"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"
)

var (
	listen        = flag.String("listen", "", "address")
	target        = flag.String("target", "", "URL of the origin")
	prefix        = flag.String("prefix", "/", "the path that leads to it")
	flush         = flag.Duration("flush", 0, "FlushInterval; negative: at once")
	hidden        = flag.Bool("hidden", false, "a middleware wraps the writer and forgets Flush")
	buffer        = flag.Int("buffer", 0, "a middleware collects so many bytes")
	zip           = flag.Bool("zip", false, "a middleware compresses and flushes only what is beneath it")
	writeTimeout  = flag.Duration("write-timeout", 0, "WriteTimeout of the server: the most that an answer may last")
	headerTimeout = flag.Duration("header-timeout", 0, "ResponseHeaderTimeout of the transport")
	idleTimeout   = flag.Duration("idle-timeout", 0, "a silence of the origin that ends an answer")
)

// Only what every ResponseWriter has: no Flush.
type plain struct{ http.ResponseWriter }

type collecting struct {
	http.ResponseWriter
	to *bufio.Writer
}

func (c collecting) Write(p []byte) (int, error) { return c.to.Write(p) }

type zipped struct {
	http.ResponseWriter
	to *gzip.Writer
}

func (z zipped) Write(p []byte) (int, error) { return z.to.Write(p) }
func (z zipped) Flush()                      { z.ResponseWriter.(http.Flusher).Flush() }
func (z zipped) WriteHeader(status int) {
	z.Header().Del("Content-Length")
	z.Header().Set("Content-Encoding", "gzip")
	z.ResponseWriter.WriteHeader(status)
}

type impatient struct{ net.Conn }

func (c impatient) Read(p []byte) (int, error) {
	c.SetReadDeadline(time.Now().Add(*idleTimeout))
	return c.Conn.Read(p)
}

func dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil || *idleTimeout == 0 {
		return conn, err
	}
	return impatient{conn}, nil
}

func wrapped(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if *hidden {
			w = plain{w}
		}
		if *buffer > 0 {
			to := bufio.NewWriterSize(w, *buffer)
			defer to.Flush()
			w = collecting{w, to}
		}
		if *zip && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			w.Header().Add("Vary", "Accept-Encoding")
			to := gzip.NewWriter(w)
			defer to.Close()
			w = zipped{w, to}
		}
		next.ServeHTTP(w, r)
	})
}

func main() {
	flag.Parse()
	origin, err := url.Parse(*target)
	if err != nil {
		log.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(origin)
	proxy.FlushInterval = *flush
	proxy.Transport = &http.Transport{DialContext: dial, ResponseHeaderTimeout: *headerTimeout, DisableCompression: true}
	mux := http.NewServeMux()
	mux.Handle(*prefix, wrapped(proxy))
	server := &http.Server{Addr: *listen, Handler: mux, WriteTimeout: *writeTimeout}
	log.Fatal(server.ListenAndServe())
}
