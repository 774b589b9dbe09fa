//! The language of topics: what is read, and what a fault points at.

use super::*;

fn at(text: &str) -> (usize, String) {
    let fault = text.parse::<Topic>().unwrap_err();
    (fault.at, fault.said.to_string())
}

#[test]
fn a_fault_points_at_its_character() {
    for (text, place, part) in [
        ("", 0, "needs a word"),
        ("   ", 0, "needs a word"),
        ("diffusion \"flow", 10, "not closed"),
        ("(a OR b", 0, "not closed"),
        ("a b)", 3, "closes nothing"),
        ("a OR", 4, "missing here"),
        ("OR a", 0, "missing before"),
        ("a AND OR b", 6, "missing before"),
        ("a OR )", 5, "missing before"),
        ("a - b", 2, "right before"),
        ("autor:He", 0, "no field \"autor\""),
        ("votes>=many", 0, "whole number"),
        ("votes:20", 0, "votes>=20"),
        ("has:video", 0, "has:code"),
        ("title:", 0, "needs a word"),
        ("title: OR x", 0, "needs a word"),
        ("title:(author:x)", 7, "inside another"),
        ("llm +++", 4, "no letter or digit"),
        ("((((((((( a )))))))))", 8, "8 deep"),
    ] {
        let (found, said) = at(text);
        assert!(found == place && said.contains(part), "{text:?}: {found} {said}");
    }
    let fault = "é autor:x".parse::<Topic>().unwrap_err();
    assert!(fault.pointing("é autor:x").starts_with("é autor:x\n  ^ there is no field"));
    // Below the character, however wide those before it are; of a long one, a part.
    let fault = "扩散 autor:x".parse::<Topic>().unwrap_err();
    assert!(fault.pointing("扩散 autor:x").starts_with("扩散 autor:x\n     ^ there"));
    let long = format!("{}\tautor:x", "word ".repeat(40));
    let shown = long.parse::<Topic>().unwrap_err().pointing(&long);
    assert!(shown.lines().all(|line| line.chars().count() < 280), "{shown}");
    assert!(shown.contains("word  autor:x\n"), "{shown}");
}

#[test]
fn there_are_limits_in_words() {
    let (_, said) = at(&"word ".repeat(10_000));
    assert!(said.contains("300 characters"), "{said}");
    let (_, said) = at(&"a ".repeat(65));
    assert!(said.contains("64 words"), "{said}");
    let (_, said) = at(&"-".repeat(50));
    assert!(said.contains("right before") || said.contains("deep"), "{said}");
}

#[test]
fn equal_queries_mean_the_same() {
    let same = |one: &str, other: &str| {
        assert_eq!(query(one).unwrap(), query(other).unwrap(), "{one} / {other}");
    };
    same("a b", "a AND b");
    same("-a", "NOT a");
    same("a (b)", "(a b)");
    same("“flow matching”", "\"Flow-Matching\"");
    same("title:(a OR b)", "title:a OR title:b");
    same("votes≥20", "VOTES>=20");
    same("author:\"He, Kaiming\"", "author:\"kaiming he\"");
    assert_eq!("  a \n b ".parse::<Topic>().unwrap().as_str(), "a b");
    // A semicolon parts topics in a list, so none holds one.
    assert_eq!("a;b \"c;d\";".parse::<Topic>().unwrap().as_str(), "a b \"c d\"");
    same("a;b \"c;d\";", "a b \"c d\"");
    assert!(query("or not and").is_ok());
    assert!(query("gpt-4 votes").is_ok());
}
