//! The certificates of a PEM file, for the check and for the servers that trust them. Knows nothing of a configuration.

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use std::path::Path;

/// What is said about a file without.
pub const NO_CERTIFICATE: &str = "holds no certificate; give a PEM file with one";

/// The certificates in DER; none when there is none or one is broken.
pub fn certificates(path: &Path) -> Option<Vec<Vec<u8>>> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).ok()?.collect();
    let list: Vec<_> = read.ok()?.into_iter().map(|one| one.to_vec()).collect();
    (!list.is_empty()).then_some(list)
}
