//! Scratch.
use std::io::Read;
fn main() {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).unwrap();
    for text in text.split("\n====\n") {
        match insq_syntax::parse(text) {
            Ok(p) => {
                println!("OK {}", p.query);
                for w in p.warnings {
                    println!("   W {}", w.message);
                }
            }
            Err(e) => println!("{}", e.render(text)),
        }
        println!();
    }
}
