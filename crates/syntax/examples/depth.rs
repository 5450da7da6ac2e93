//! Scratch: stack needed by the deepest query.
fn main() {
    let n: usize = std::env::args().nth(1).unwrap().parse().unwrap();
    let kib: usize = std::env::args().nth(2).unwrap().parse().unwrap();
    for unit in [
        "(",
        "a or b and not c = d + e * -f ^ (",
        "f(",
        "a in [",
        "1 ^ ",
        "a like f(",
    ] {
        let text = format!(
            "filter {}a{}",
            unit.repeat(n),
            match unit {
                "f(" | "a like f(" => ")",
                "a in [" => "]",
                "1 ^ " => "",
                _ => ")",
            }
            .repeat(n)
        );
        std::thread::Builder::new()
            .stack_size(kib * 1024)
            .spawn(move || match insq_syntax::parse(&text) {
                Ok(p) => println!("ok {}", p.query.to_string().len()),
                Err(e) => println!("{}", e),
            })
            .unwrap()
            .join()
            .unwrap();
    }
}
