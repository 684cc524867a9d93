using MicroSpark.Codecs;

namespace MicroSpark.Tests.Codecs;

/// <summary>The table of rules from which each type's codec comes.</summary>
public class CodecRulesTests
{
    /// <summary>
    /// The table is the process's: rules that contradict each other speak up on this test's thread only. The fuzz test reaches every type of
    /// this assembly.
    /// </summary>
    [ThreadStatic]
    private static bool t_contradicts;

    [Fact]
    public void Each_known_type_has_a_codec_and_each_codec_a_known_type() =>
        Assert.Equal(Names(KnownTypes.WithOwnCodec), Names(BuiltInCodecs.Known));

    [Fact]
    public void A_rule_that_is_added_decides_how_its_family_travels()
    {
        CodecRules.Add(CodecRank.Family, static type => type == typeof(Letter) ? new LetterCodec() : null);

        var letter = new Letter("text") { Draft = "not sent" };
        var read = RoundTrip.Of<Letter[]>([letter, letter]);

        Assert.Equal(("text", null), (read[0].Text, read[0].Draft));
        Assert.Same(read[0], read[1]);
        Assert.Equal("text", Assert.IsType<Letter>(RoundTrip.Of<object>(letter)).Text);
    }

    [Fact]
    public void What_a_type_states_itself_goes_before_every_family()
    {
        CodecRules.Add(CodecRank.Family, static type => type == typeof(Sealed) ? new RefusedCodec<Sealed>("of the rule") : null);

        var error = Assert.Throws<NotEncodableException>(() => RoundTrip.Of(new Sealed()));

        Assert.Equal("of the type", error.Reason);
    }

    [Fact]
    public void Two_rules_of_a_rank_may_not_know_one_type()
    {
        CodecRules.Add(CodecRank.Family, static type => t_contradicts && type == typeof(Twice) ? new RefusedCodec<Twice>("first") : null);
        CodecRules.Add(CodecRank.Family, static type => t_contradicts && type == typeof(Twice) ? new PlainObjectCodec<Twice>() : null);
        t_contradicts = true;
        try
        {
            var error = Assert.Throws<InvalidOperationException>(() => CodecRules.Create(typeof(Twice)));
            Assert.Equal("Two rules of rank Family know a codec of Twice: RefusedCodec<Twice> and PlainObjectCodec<Twice>.", error.Message);
        }
        finally
        {
            // The thread goes back to the pool, and runs other tests.
            t_contradicts = false;
        }
    }

    [Theory]
    [InlineData(typeof(LongAccumulator), "AccumulatorCodec<LongAccumulator>")]
    [InlineData(typeof(Accumulator<int, int>), "AbstractCodec<Accumulator<int, int>>")]
    [InlineData(typeof(Person), "ClassFieldsCodec<Person>")]
    public void The_room_above_has_added_accumulators(Type type, string codec) =>
        Assert.Equal(codec, TypeNames.Of(CodecRules.Create(type).GetType()));

    private static IEnumerable<string> Names(IEnumerable<Type> types) =>
        types.Select(static type => type.FullName!).Order(StringComparer.Ordinal);

    private sealed class Letter(string text)
    {
        public string Text { get; } = text;

        public string? Draft { get; init; }
    }

    private sealed class LetterCodec : ClassCodec<Letter>
    {
        protected override void WriteContent(ref ValueWriter writer, Letter value) => writer.WriteString(value.Text);

        protected override Letter ReadContent(ref ValueReader reader, int number) => new(reader.ReadString()!);
    }

    [NotEncodable("of the type")]
    private sealed class Sealed;

    private sealed class Twice;
}
