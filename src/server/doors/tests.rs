use super::*;
use std::os::fd::AsRawFd as _;
use tempfile::TempDir;
use tokio::io::AsyncReadExt as _;

/// Settings for a socket in a folder.
fn at(path: PathBuf) -> ServerConfig {
    ServerConfig { unix_socket: Some(path), ..ServerConfig::default() }
}

async fn open(config: &ServerConfig) -> Result<Doors, String> {
    Doors::open(config, Passed::none()).await.map_err(|error| error.to_string())
}

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sock");
    (folder, path)
}

#[tokio::test]
async fn a_socket_has_its_mode_and_leaves_nothing_behind() {
    let (folder, path) = folder();
    let config = ServerConfig { unix_socket_mode: 0o620, ..at(path.clone()) };
    let doors = open(&config).await.unwrap();
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o620);
    assert_eq!(doors.names().collect::<Vec<_>>(), [format!("unix:{}", path.display())]);
    assert!(doors.are_local());
    let _client = UnixStream::connect(&path).await.unwrap();
    assert!(matches!(doors.accept().await.unwrap(), Either::Right(_)));
    drop(doors);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn what_a_dead_process_has_left_is_replaced_and_a_living_one_is_not() {
    let (_folder, path) = folder();
    drop(StdUnix::bind(&path).unwrap()); // the file stays
    let living = open(&at(path.clone())).await.unwrap();
    let error = open(&at(path.clone())).await.unwrap_err();
    assert_eq!(error, format!("cannot listen on `{}`: another process does", path.display()));
    assert!(UnixStream::connect(&path).await.is_ok());
    drop(living);
}

#[tokio::test]
async fn the_file_of_a_later_process_is_not_removed() {
    let (_folder, path) = folder();
    let former = open(&at(path.clone())).await.unwrap();
    fs::remove_file(&path).unwrap();
    let _later = open(&at(path.clone())).await.unwrap();
    drop(former);
    assert!(UnixStream::connect(&path).await.is_ok());
}

#[tokio::test]
async fn a_file_that_is_no_socket_stays() {
    let (folder, path) = folder();
    fs::write(&path, "precious").unwrap();
    let error = open(&at(path.clone())).await.unwrap_err();
    assert!(error.ends_with("there is something that is no socket"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), b"precious");
    let error = open(&at(folder.path().join("none/a.sock"))).await.unwrap_err();
    assert!(error.contains("none/a.sock`: No such file"), "{error}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_descriptor_is_taken_over_if_it_listens() {
    let (_folder, path) = folder();
    let (tcp, unix) = (StdTcp::bind("127.0.0.1:0").unwrap(), StdUnix::bind(&path).unwrap());
    let file = fs::File::open("/dev/null").unwrap();
    let by = async |descriptor| open(&ServerConfig { listen_fd: Some(descriptor), ..ServerConfig::default() }).await;
    let doors = by(tcp.as_raw_fd()).await.unwrap();
    let address = tcp.local_addr().unwrap();
    assert_eq!(doors.names().collect::<Vec<_>>(), [format!("http://{address}")]);
    let mut client = TcpStream::connect(address).await.unwrap();
    drop(doors.accept().await.unwrap());
    assert_eq!(client.read(&mut [0]).await.unwrap(), 0, "it was this one");
    let doors = by(unix.as_raw_fd()).await.unwrap();
    assert_eq!(doors.names().collect::<Vec<_>>(), [format!("unix:{}", path.display())]);
    drop(doors);
    assert!(path.exists(), "whoever has made it removes it");
    let unfit = |descriptor| format!("descriptor {descriptor} is no socket that listens for TCP or unix streams");
    let connected = client.as_raw_fd();
    assert_eq!(by(connected).await.unwrap_err(), unfit(connected));
    assert_eq!(by(file.as_raw_fd()).await.unwrap_err(), unfit(file.as_raw_fd()));
    assert_eq!(by(9999).await.unwrap_err(), "cannot take over descriptor 9999: Bad file descriptor (os error 9)");
}
