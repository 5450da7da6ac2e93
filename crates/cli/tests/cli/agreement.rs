//! A number or a time is the same text whether the language makes it or a renderer does.

#[test]
fn renderers_show_values_as_the_language_does() {
    let numbers = [
        0.0,
        -0.0,
        1.0,
        -3.5,
        0.1,
        128e6,
        999_999_999_999_999.0,
        1e15,
        -1e15,
        1e21,
        1.5e300,
        1e-6,
        1e-7,
        9.9e-8,
        5e-324,
    ];
    for number in numbers {
        let mut shown = String::new();
        insq_render::write_number(&mut shown, number);
        assert_eq!(shown, insq::format_number(number));
    }
    let times = [
        0,
        -1,
        1_772_582_400_123,
        951_782_400_000,
        -62_198_755_200_000,
        253_402_300_799_999,
        253_402_300_800_000,
        8_210_266_876_799_999,
        8_210_266_876_800_000,
        -8_334_601_228_800_000,
        -8_334_601_228_800_001,
        i64::MAX,
        i64::MIN,
    ];
    for time in times {
        let mut shown = String::new();
        insq_render::write_time(&mut shown, time);
        assert_eq!(shown, insq::format_time(time), "{time}");
    }
}
