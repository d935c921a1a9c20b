//! Commands of the documentation: each is run here, or says why not. The program's settings are read, too.

use crate::support::docs::tree;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use tempfile::TempDir;
use tintype::config::Sources;

/// What stands between fences.
#[derive(Debug)]
struct Block {
    /// After the opening fence.
    info: String,
    text: String,
    /// Number of the opening line.
    line: usize,
}

/// Pages with commands: those at the top and all in `docs`.
fn pages() -> Vec<PathBuf> {
    let mut pages = vec![tree("README.md"), tree("CONTRIBUTING.md")];
    let mut folders = vec![tree("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    pages
}

fn blocks(page: &Path) -> Vec<Block> {
    let text = fs::read_to_string(page).unwrap();
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = false;
    for (line, text) in (1..).zip(text.lines()) {
        match text.trim_start().strip_prefix("```") {
            Some(_) if open => open = false,
            Some(info) => {
                open = true;
                blocks.push(Block { info: info.trim().to_owned(), text: String::new(), line });
            }
            None if open => {
                let block = blocks.last_mut().unwrap();
                block.text += text;
                block.text.push('\n');
            }
            None => {}
        }
    }
    assert!(!open, "{}: a fence is not closed", page.display());
    blocks
}

/// A command, the output that the page shows of it, and where it stands.
struct Step {
    script: String,
    shown: Option<String>,
    line: usize,
}

/// The commands of a page in order: a block of `sh run` is one, each `$ ` of `console run` another. Settings become the
/// `tintype.toml` that later commands may name.
fn steps(page: &Path) -> Vec<Step> {
    let mut steps = Vec::new();
    for Block { info, text, line } in blocks(page) {
        match info.as_str() {
            "toml" => {
                let script = format!("cat > tintype.toml <<'END OF SETTINGS'\n{text}END OF SETTINGS");
                steps.push(Step { script, shown: None, line });
            }
            "sh run" => steps.push(Step { script: text, shown: None, line }),
            "console run" => {
                for part in format!("\n{text}").split("\n$ ").skip(1) {
                    let (script, shown) = part.split_once('\n').unwrap_or((part, ""));
                    steps.push(Step { script: script.to_owned(), shown: Some(shown.trim_end().to_owned()), line });
                }
            }
            _ => {}
        }
    }
    steps
}

/// Whether `output` is what is `shown`, where `...` stands for any text.
fn matches(output: &str, shown: &str) -> bool {
    let mut pieces = shown.split("...");
    let Some(mut rest) = output.strip_prefix(pieces.next().unwrap_or_default()) else { return false };
    let Some((last, between)) = pieces.collect::<Vec<_>>().split_last().map(|(last, rest)| (*last, rest.to_vec()))
    else {
        return rest.is_empty();
    };
    for piece in between {
        match rest.split_once(piece) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// A folder with what commands of the pages work on.
fn found_by_commands() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let inside = |name: &str| folder.path().join(name);
    for entry in fs::read_dir(tree("config/samples")).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, inside(path.file_name().unwrap().to_str().unwrap())).unwrap();
    }
    fs::create_dir(inside("folder")).unwrap();
    fs::copy(inside("photo.jpg"), inside("folder/photo.jpg")).unwrap();
    let conf = fs::read_to_string(tree("tests/docs/thumbor.conf")).unwrap();
    fs::write(inside("thumbor.conf"), conf.replace("/srv/pictures", folder.path().to_str().unwrap())).unwrap();
    folder
}

/// Two ports that are free now.
fn free_ports() -> [u16; 2] {
    let taken = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    taken.map(|socket| socket.local_addr().unwrap().port())
}

/// Runs the commands of a page in one shell and one folder; what went wrong.
fn run(page: &Path) -> Result<(), String> {
    let steps = steps(page);
    if !blocks(page).iter().any(|block| block.info.ends_with(" run")) {
        return Ok(());
    }
    let (folder, state) = (found_by_commands(), tempfile::tempdir().unwrap());
    let [first, second] = free_ports().map(|port| port.to_string());
    let here = folder.path().to_str().unwrap();
    let placed = |script: &str| {
        script
            .replace("8888", &first)
            .replace("8000", &second)
            .replace("/srv/pictures", here)
            .replace("/etc/thumbor.conf", "thumbor.conf")
    };
    let mut script = format!("source '{}'\ndemonstrate\n", tree("tests/docs/shell.sh").display());
    for (number, step) in steps.iter().enumerate() {
        writeln!(script, "echo '@@ {number}'\n{{ {}\n}} 2>&1", placed(&step.script).trim_end()).unwrap();
    }
    script += "echo '@@ end'\n";
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(here)
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin")
        .env("HOME", here)
        .env("TINTYPE", env!("CARGO_BIN_EXE_tintype"))
        .envs([("FIRST_PORT", &*first), ("SECOND_PORT", &*second)])
        .env("RUN_DIR", state.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).replace(&first, "8888").replace(&second, "8000");
    let mut parts = said.replace(here, "/srv/pictures").split("@@ ").map(str::to_owned).collect::<Vec<_>>().into_iter();
    let before = parts.next().unwrap_or_default();
    let mut told = parts
        .map(|part| {
            part.split_once('\n')
                .map_or((part.clone(), String::new()), |(number, text)| (number.to_owned(), text.trim_end().to_owned()))
        })
        .peekable();
    let place = |step: &Step| format!("{}:{}", page.strip_prefix(tree("")).unwrap_or(page).display(), step.line);
    for step in &steps {
        let Some((_, text)) = told.next() else {
            return Err(format!("{}: not reached\n{before}{}", place(step), String::from_utf8_lossy(&output.stderr)));
        };
        if told.peek().is_none() {
            return Err(format!("{}: failed\n{}\n{text}", place(step), step.script));
        }
        if let Some(shown) = step.shown.as_ref().filter(|shown| !matches(&text, shown)) {
            return Err(format!("{}: {}\n--- shown\n{shown}\n--- found\n{text}", place(step), step.script));
        }
    }
    Ok(())
}

#[test]
fn commands_do_what_the_pages_say() {
    // Two at a time: servers that wait for a core would be late.
    let left = Mutex::new(pages());
    let next = || left.lock().unwrap().pop();
    let worker = || std::iter::from_fn(next).filter_map(|page| run(&page).err()).collect::<Vec<_>>();
    let failures = std::thread::scope(|scope| {
        let workers = [scope.spawn(worker), scope.spawn(worker)];
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(failures.is_empty(), "\n{}", failures.join("\n\n"));
}

#[test]
fn a_command_that_is_not_run_says_why() {
    let mut runs = 0;
    for page in pages() {
        for Block { info, line, .. } in blocks(&page) {
            let (language, rest) = info.split_once(' ').unwrap_or((&info, ""));
            if !matches!(language, "sh" | "bash" | "shell" | "console") {
                continue;
            }
            let reason = rest.strip_prefix("elsewhere:").map(str::trim);
            assert!(rest == "run" || reason.is_some_and(|why| !why.is_empty()), "{}:{line}: {info}", page.display());
            runs += usize::from(rest == "run");
        }
        let text = fs::read_to_string(&page).unwrap();
        let first_word = |line: &str| line.strip_prefix("    ").map(|line| line.split(' ').next().unwrap().to_owned());
        for (line, word) in (1..).zip(text.lines()).filter_map(|(at, line)| Some((at, first_word(line)?))) {
            let command =
                ["tintype", "curl", "make", "cargo", "docker", "sudo", "systemctl", "aws", "$"].contains(&&*word);
            assert!(!command, "{}:{line}: a command without a fence", page.display());
        }
    }
    assert!(runs > 10, "only {runs} blocks run");
}

#[test]
fn settings_in_pages_are_settings() {
    for page in pages() {
        for Block { info, text, line } in blocks(&page).into_iter().filter(|block| block.info == "toml") {
            let file = tempfile::NamedTempFile::new().unwrap();
            fs::write(file.path(), text).unwrap();
            // Some part has to say it.
            let environment = BTreeMap::from([("ALLOW_UNSAFE_URL".to_owned(), "true".to_owned())]);
            let sources = Sources { file: Some(file.path().to_owned()), environment, ..Sources::default() };
            let read = sources.load();
            assert!(read.is_ok(), "{}:{line}: {info}: {}", page.display(), read.err().unwrap());
        }
    }
}

#[test]
fn dots_stand_for_any_text() {
    for (output, shown, expected) in [
        ("a b c", "a b c", true),
        ("a b c", "a b", false),
        ("a b c", "a ... c", true),
        ("a b c", "...b...", true),
        ("a b c", "a...", true),
        ("a b c", "...d...", false),
        ("", "", true),
    ] {
        assert_eq!(matches(output, shown), expected, "{output} {shown}");
    }
}

#[test]
fn messages_that_are_explained_are_messages_of_the_program() {
    let sources = sources();
    let page = fs::read_to_string(tree("docs/troubleshooting.md")).unwrap();
    let prose = page.split("```").step_by(2).collect::<Vec<_>>().join("");
    let mut explained = 0;
    for message in prose.split('`').skip(1).step_by(2) {
        // Names, settings and commands are shorter, or begin otherwise.
        let is_message = message.split(' ').count() > 2 && !message.starts_with("tintype ");
        if is_message {
            let pieces: Vec<&str> = message.split('…').map(str::trim).collect();
            let known = |line: &&String| pieces.iter().all(|piece| line.contains(piece));
            assert!(sources.iter().any(|line| known(&line)), "`{message}` is no message of the program");
            explained += 1;
        }
    }
    assert!(explained > 30, "only {explained} messages are explained");
}

/// Lines of the program's sources, as their texts read.
fn sources() -> Vec<String> {
    let mut folders = vec![tree("src")];
    let mut lines = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                lines.extend(fs::read_to_string(path).unwrap().lines().map(str::to_owned));
            }
        }
    }
    lines
}
