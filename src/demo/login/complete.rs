//! Complete: what the Tab key finds.

use super::files;

/// What can follow the word at the cursor.
#[derive(Debug, PartialEq, Eq)]
pub enum Completion {
    /// Nothing fits.
    Nothing,
    /// Text that is sure to follow.
    Text(String),
    /// Several fit, and nothing more is sure.
    Choices(Vec<String>),
}

/// Completes the last word of `line`: the first word to one of the commands, others to a file.
pub fn complete(line: &str, commands: impl Iterator<Item = &'static str>) -> Completion {
    let line = line.trim_start();
    match line.rsplit_once(' ') {
        None => choose(
            line,
            commands.map(|command| format!("{command} ")).collect(),
        ),
        Some((_, word)) => {
            let (dir, name) = word.rsplit_once('/').unwrap_or(("", word));
            let dir = if word.starts_with('/') && dir.is_empty() {
                "/"
            } else {
                dir
            };
            let entries = files::list(dir).unwrap_or_default();
            let named = entries
                .into_iter()
                .map(|entry| entry.name.to_owned() + if entry.is_dir { "/" } else { " " });
            choose(name, named.collect())
        }
    }
}

fn choose(word: &str, mut choices: Vec<String>) -> Completion {
    choices.retain(|choice| choice.starts_with(word));
    let Some(first) = choices.first() else {
        return Completion::Nothing;
    };
    let shared = choices.iter().fold(first.as_str(), |shared, choice| {
        let end = shared
            .bytes()
            .zip(choice.bytes())
            .take_while(|(a, b)| a == b)
            .count();
        &shared[..end]
    });
    match &shared[word.len()..] {
        "" => Completion::Choices(choices),
        sure => Completion::Text(sure.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn completed(line: &str) -> Completion {
        complete(line, ["date", "dmesg", "logout"].into_iter())
    }

    #[test]
    fn a_word_is_completed_as_far_as_is_sure() {
        assert_eq!(completed("lo"), Completion::Text("gout ".into()));
        assert_eq!(
            completed("d"),
            Completion::Choices(vec!["date ".into(), "dmesg ".into()])
        );
        assert_eq!(completed("x"), Completion::Nothing);
    }

    #[test]
    fn later_words_are_files() {
        assert_eq!(completed("cat /pro"), Completion::Text("c/".into()));
        assert_eq!(completed("cat /proc/cp"), Completion::Text("uinfo ".into()));
        assert_eq!(completed("ls notes"), Completion::Text(".txt ".into()));
        assert_eq!(completed("ls /no/such/"), Completion::Nothing);
    }
}
