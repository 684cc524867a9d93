using System.Numerics;
using MicroSpark.Hashing;

namespace MicroSpark.Tests.Hashing;

/// <summary>
/// The hash of a value never changes: cached blocks, live shuffles and clients of other versions stand on it. A failure here means that
/// the hash changed, not that a number has to be copied.
/// </summary>
public sealed class StableHashPinnedTests
{
    [Fact]
    public void Values_keep_their_hash() => Assert.Equal(
        """
        0 e220a8397b1dcdaf
        -1 e4d971771b652c20
        1L 910a2dec89025cc1
        'a' 4f5da978776a9db1
        true 910a2dec89025cc1
        1.5 d6dab18e1392608a
        NaN c9e160af5aaf1868
        1.5f 555b738727e4a1cf
        Half 555b738727e4a1cf
        12.50m 4b4b8a4c8a524cc6
        "" fcd582ba3910942a
        a c598777ef787efbe
        spark 5efedf25a0f08066
        twelve units dc251e28b240cb52
        long 86b7dc292d3c57a9
        Guid df30866a84d63090
        DateTime a3eef35d4d82a72a
        DateTimeOffset 2112ebdae8688c83
        TimeSpan 56d7aefb6a893db7
        DateOnly f69183b1530d8ad9
        Int128 f0c76f97f5672bb5
        BigInteger 1bb2c0626df64863
        Uri 7c2773a9552b71a5
        Version 73ee4b397ab0e52b
        Colour 3f13f4e3c8c592c9
        (1, "a") cfd7de981a96196b
        eight 022eba45d368ee44
        Tuple 68c0bbbb181915fb
        Pair 68c0bbbb181915fb
        Some d3c2a166d873f97c
        int? 910a2dec89025cc1
        Point 68c0bbbb181915fb
        Point3 82136497dd21ab20
        Plain 810c1a4f6620db92
        anonymous 68c0bbbb181915fb
        own 1d0b14e4db018fed
        """,
        string.Join(
            '\n',
            Line("0", 0),
            Line("-1", -1),
            Line("1L", 1L),
            Line("'a'", 'a'),
            Line("true", true),
            Line("1.5", 1.5),
            Line("NaN", double.NaN),
            Line("1.5f", 1.5f),
            Line("Half", (Half)1.5f),
            Line("12.50m", 12.50m),
            Line("\"\"", ""),
            Line("a", "a"),
            Line("spark", "spark"),
            Line("twelve units", "twelve units"),
            Line("long", "The quick brown fox jumps over the lazy dog, twice."),
            Line("Guid", new Guid("00112233-4455-6677-8899-aabbccddeeff")),
            Line("DateTime", new DateTime(2026, 2, 3, 4, 5, 6)),
            Line("DateTimeOffset", new DateTimeOffset(2026, 2, 3, 4, 5, 6, TimeSpan.FromHours(1))),
            Line("TimeSpan", TimeSpan.FromSeconds(1)),
            Line("DateOnly", new DateOnly(2026, 2, 3)),
            Line("Int128", Int128.MinValue),
            Line("BigInteger", BigInteger.Pow(10, 30)),
            Line("Uri", new Uri("http://example.com/a?b#c")),
            Line("Version", new Version(1, 2, 3)),
            Line("Colour", Colour.Green),
            Line("(1, \"a\")", (1, "a")),
            Line("eight", (1, 2, 3, 4, 5, 6, 7, 8)),
            Line("Tuple", Tuple.Create(1, "a")),
            Line("Pair", KeyValuePair.Create(1, "a")),
            Line("Some", Optional<int>.Some(1)),
            Line("int?", (int?)1),
            Line("Point", new Point(1, "a")),
            Line("Point3", new Point3(1, "a", 2)),
            Line("Plain", new Plain(1, "a", 2)),
            Line("anonymous", new { A = 1, B = "a" }),
            Line("own", new CaseLess("abc"))));

    [Fact]
    public void Keys_keep_their_partition() => Assert.Equal(
        [7, 6, 3, 3, 9],
        new[] { "a", "b", "spark", "orleans", "" }.Select(new HashPartitioner<string>(10).GetPartition));

    private static string Line<T>(string name, T value) => $"{name} {StableHash<T>.Of(value):x16}";
}
