using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using MicroSpark.Formats.Json;

namespace MicroSpark.Tests.Formats;

/// <summary>The law: what a layout takes, the library takes with the same result, whatever the bytes are.</summary>
public sealed class JsonTemplatesTests
{
    private static readonly string[] s_values =
    [
        "0", "-0", "7", "-12", "127", "128", "256", "65536", "2147483648", "999999999999999999", "9223372036854775807", "18446744073709551615",
        "01", "+1", "1.5", "-0.0", "0.1", "123456789012345.5", "0.30000000000000004", "1e3", "1E-7", "1e400", "1.", ".5", "-", "1e", "NaN",
        "null", "true", "false", "True", "tru", "\"\"", "\"plain\"", "\"with \\\"quotes\\\"\"", "\"\\u00e9\"", "\"é𝄞\"", "\"tab\t\"", "\"NaN\"",
        "\"2026-03-04T05:06:07\"", "\"2026-03-04T05:06:07+02:00\"", "\"6e3a5b0a-5f0f-4c1c-9f51-0f3f3d4f5a6b\"", "\"Second\"", "1", "[1,2]", "[]", "{}",
        "{\"X\":1,\"Y\":[2]}", "[[[[1]]]]", "\"\ud800\"",
    ];

    [Fact]
    public void Rows_of_one_layout_are_taken()
    {
        var rows = new Rows<Sale>();
        rows.Read("""{"Town":"a","Price":1.5,"Count":2}""");
        Assert.True(rows.Read("""{"Town":"bé","Price":-0.25,"Count":-7}"""));
        Assert.True(rows.Read("""{"Town":"","Price":1e3,"Count":0}"""));
        Assert.False(rows.Read("""{"Town":"a\"b","Price":1,"Count":2}"""));
        Assert.False(rows.Read("""{ "Town":"a","Price":1.5,"Count":2}"""));
        Assert.True(rows.Read("""{ "Town":"b","Price":1.5,"Count":2}"""));
        Assert.False(rows.Read("""{"Town":null,"Price":1.5,"Count":2}"""));
        Assert.False(rows.Read("""{"Town":"a","Price":1.5,"Count":2.0}"""));
        Assert.False(rows.Read("""{"Town":"a","Price":1.5,"Count":2}}"""));
    }

    /// <summary>Behind a text that is no UTF-8 another value must not stand in for it.</summary>
    [Theory]
    [InlineData("null")]
    [InlineData("1")]
    [InlineData("\"x\"")]
    [InlineData("")]
    public void A_text_that_is_no_utf8_is_never_passed_over(string behind)
    {
        var rows = new Rows<Optional>();
        Assert.False(rows.Read("""{"more":"a","Id":1,"Note":"x","Rank":"First"}"""));
        Assert.True(rows.Read("""{"more":"a","Id":1,"Note":"x","Rank":"First"}"""));
        foreach (var name in new[] { "more", "Note", "Rank" })
        {
            string[] texts = ["a", "x", "First"];
            var text = texts[Array.IndexOf(["more", "Note", "Rank"], name)];
            var row = $$"""{"more":"a","Id":1,"Note":"x","Rank":"First"}""".Replace($"\"{name}\":\"{text}\"", $"\"{name}\":\"~\"{behind}");
            var bytes = Encoding.UTF8.GetBytes(row);
            bytes[Array.IndexOf(bytes, (byte)'~')] = 0xff;
            // What is passed over the library does not look into either.
            Assert.Equal(name == "more" && behind.Length == 0, rows.Read(bytes));
        }
    }

    [Fact]
    public void What_the_type_has_no_place_for_is_passed_over_and_what_a_row_lacks_has_its_default()
    {
        var rows = new Rows<Optional>();
        rows.Read("""{"more":{"a":[1,{"b":2}]},"Id":1,"Note":"x"}""");
        Assert.True(rows.Read("""{"more":[[],"]"],"Id":2,"Note":null}"""));
        rows.Read("""{"id":1,"Note":"y","size":4,"Weight":2}""");
        Assert.True(rows.Read("""{"id":3,"Note":"z","size":null,"Weight":-1}"""));
        Assert.True(rows.Read("""{"more":"","Id":4,"Note":"w"}"""));
        Assert.False(rows.Read("""{"more":[1,],"Id":2,"Note":null}"""));
    }

    /// <summary>Each would take the place of another one.</summary>
    [Fact]
    public void A_layout_is_known_once()
    {
        var rows = new Rows<Sale>();
        rows.Read("""{"Town":"a","Price":1.5,"Count":2}""");
        rows.Read("""{"Count":2,"Town":"a","Price":1.5}""");
        for (var i = 0; i < 8; i++)
        {
            Assert.False(rows.Read("""{"Town":"a\"b","Price":1.5,"Count":2}"""));
        }

        Assert.True(rows.Read("""{"Count":2,"Town":"a","Price":1.5}"""));
        Assert.True(rows.Read("""{"Town":"a","Price":1.5,"Count":2}"""));
    }

    [Fact]
    public void Rows_that_are_not_alike_are_left_to_the_library()
    {
        var rows = new Rows<Sale>();
        for (var i = 0; i < 1_000; i++)
        {
            rows.Read($$"""{"x{{i}}":1,"Town":"a","Price":1.5,"Count":2}""");
        }

        rows.Read("""{"Town":"a","Price":1.5,"Count":2}""");
        Assert.False(rows.Read("""{"Town":"a","Price":1.5,"Count":2}"""));
    }

    [Fact]
    public void A_type_that_is_more_than_its_members_is_the_librarys()
    {
        Assert.Null(JsonMembers<Converted>.OrNull);
        Assert.Null(JsonMembers<Called>.OrNull);
        Assert.Null(JsonMembers<Overflowing>.OrNull);
        Assert.Null(JsonMembers<string>.OrNull);
        Assert.Null(JsonMembers<int[]>.OrNull);
        Assert.NotNull(JsonMembers<Everything>.OrNull);
    }

    /// <summary>Rows of all values in all places, and each with bytes that were changed, doubled or left out.</summary>
    [Fact]
    public void Whatever_is_taken_the_library_makes_the_same_of_it()
    {
        var taken = Differ<Sale>() + Differ<Optional>() + Differ<Everything>() + Differ<Plain>() + Differ<Fields>() + Differ<Renamed>();
        Assert.InRange(taken, 10_000, int.MaxValue);
    }

    private static int Differ<T>()
    {
        var random = new Random(typeof(T).Name.Length);
        var rows = new Rows<T>();
        var names = JsonBinding<T>.Info.Properties.Select(static p => p.Name).ToArray();
        for (var round = 0; round < 6_000; round++)
        {
            // Mostly whole rows of right values, so that layouts are learnt.
            var row = Encoding.UTF8.GetBytes("{" + string.Join(",", names.Select(name => $"\"{name}\":{ValueOf(name)}")) + "}");
            rows.Read(row);
            for (var i = 0; i < 2; i++)
            {
                rows.Read(Mutated(row));
            }
        }

        return rows.Taken;

        string ValueOf(string name) =>
            random.Next(12) == 0 ? s_values[random.Next(s_values.Length)] : JsonSerializer.Serialize(
                random.Next(3) == 0 ? Fit(name, s_values[random.Next(s_values.Length)]) : Fit(name, "1"));

        JsonElement Fit(string name, string candidate)
        {
            var type = JsonBinding<T>.Info.Properties.First(p => p.Name == name).PropertyType;
            foreach (var text in new[] { candidate, "1", "\"c\"", "\"text\"", "true", "\"2026-03-04T05:06:07\"", s_values[41], "[1]", "{\"X\":1}" })
            {
                try
                {
                    JsonSerializer.Deserialize(text, type, JsonBinding<T>.Info.Options);
                    return JsonDocument.Parse(text).RootElement;
                }
                catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
                {
                    continue; // the next one may fit
                }
            }

            throw new InvalidOperationException($"No value fits {type}.");
        }

        byte[] Mutated(byte[] row)
        {
            var bytes = row.ToList();
            var at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveAt(at);
                    break;
                case 2:
                    bytes.Insert(at, (byte)"0123456789eE+-.\" ,:{}[]\\"[random.Next(24)]);
                    break;
                default:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 8), bytes.Count - at)));
                    break;
            }

            return [.. bytes];
        }
    }

    /// <summary>Reads rows as the reader of a file does, and holds the law.</summary>
    private sealed class Rows<T>
    {
        private readonly JsonTemplates<T> _templates = JsonTemplates<T>.OrNull()!;

        public int Taken { get; private set; }

        public bool Read(string row) => Read(Encoding.UTF8.GetBytes(row));

        public bool Read(byte[] row)
        {
            var isTaken = _templates.TryRead(row, out var element);
            T? expected;
            try
            {
                expected = JsonSerializer.Deserialize(row, JsonBinding<T>.Info);
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                Assert.False(isTaken, $"{Encoding.UTF8.GetString(row)} is refused: {e.Message}");
                return false;
            }

            if (isTaken)
            {
                Taken++;
                Assert.Equal(JsonSerializer.Serialize(expected!, JsonBinding<T>.Info), JsonSerializer.Serialize(element, JsonBinding<T>.Info));
            }
            else if (expected is not null)
            {
                _templates.Learn(row);
            }

            return isTaken;
        }
    }

    internal sealed record Sale(string Town, double Price, int Count);

    internal sealed record Optional(int Id, string? Note, int? Size, double Weight = 2.5, Rank Rank = Rank.Second);

    internal sealed record Everything(
        sbyte A, byte B, short C, ushort D, int E, uint F, long G, ulong H, float I, double J, decimal K, bool L, char M, string N, DateTime O,
        Guid P, Rank Q, int[] R, Point S, bool? T, float? U, long? V, DateTime? W, Rank? X, string? Y, Point? Z);

    internal sealed class Plain
    {
        public string Name { get; init; } = "unset";

        public int Number { get; set; }

        public required double Size { get; set; }

        public int Computed => Number + 1;
    }

    internal struct Fields
    {
        public int X = 0;
        public string? Y = null;

        public Fields()
        {
        }
    }

    internal sealed record Renamed([property: JsonPropertyName("the name")] string Name, [property: JsonIgnore] int Hidden = 4);

    internal sealed record Point(int X);

    internal enum Rank
    {
        First,
        Second,
    }

    [JsonConverter(typeof(Own))]
    internal sealed record Converted(int X);

    internal sealed class Called : IJsonOnDeserialized
    {
        public int X { get; set; }

        public void OnDeserialized() => X++;
    }

    internal sealed class Overflowing
    {
        public int X { get; set; }

        [JsonExtensionData]
        public Dictionary<string, JsonElement>? Rest { get; set; }
    }

    private sealed class Own : JsonConverter<Converted>
    {
        public override Converted Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetInt32());

        public override void Write(Utf8JsonWriter writer, Converted value, JsonSerializerOptions options) => writer.WriteNumberValue(value.X);
    }
}
