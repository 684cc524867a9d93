using MicroSpark.Code;
using MicroSpark.Codecs;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Codecs;

/// <summary>Damaged bytes give an error that says so, or another value: never a crash, a hang or an allocation beyond the input's size.</summary>
public class CodecFuzzTests
{
    private static readonly object[] s_samples =
    [
        1, "text", new[] { 1, 2, 3 }, new List<string?> { "a", null, "Grüße" }, new Person("Ann", 3), new Employee("Bo", 2, 1.5m),
        new Dictionary<string, List<Person>>(StringComparer.OrdinalIgnoreCase) { ["x"] = [new("Ann", 1)] }, (1, "two", new int?[] { 3, null }),
        new int[,] { { 1, 2 }, { 3, 4 } }, new Circle { Radius = 1 }, typeof(Dictionary<string, Person[]>),
        System.Collections.Immutable.ImmutableDictionary<string, int>.Empty.Add("a", 1), new HashSet<(string, int)> { ("a", 1) },
        new System.Numerics.BigInteger(1e30), new Uri("http://example.org"), new System.Collections.BitArray(9), new SortedSet<int> { 2, 1 },
        new AggregateException("x", new FileNotFoundException("y", "z")), new LastLetter(),
        new Node { Next = new() { Tag = new object[] { new Tree { Children = [new()] } } } },
    ];

    [Fact]
    public void Every_truncation_is_refused()
    {
        foreach (var sample in s_samples)
        {
            var bytes = ValueCodec.Encode(sample, CodeSpace.Process);
            for (var length = 0; length < bytes.Length; length++)
            {
                Assert.Throws<InvalidDataException>(() => ValueCodec.Decode<object>(bytes.AsSpan(0, length), CodeSpace.Process));
            }

            Assert.Throws<InvalidDataException>(() => ValueCodec.Decode<object>([.. bytes, 0], CodeSpace.Process));
        }
    }

    [Fact]
    public void Damaged_bytes_never_escape_the_reader()
    {
        Random random = new(1);
        foreach (var sample in s_samples)
        {
            var bytes = ValueCodec.Encode(sample, CodeSpace.Process);
            for (var round = 0; round < 3_000; round++)
            {
                byte[] damaged = [.. bytes];
                for (var flips = random.Next(1, 4); flips > 0; flips--)
                {
                    damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
                }

                AssertContained(damaged);
            }
        }
    }

    [Fact]
    public void Noise_never_escapes_the_reader()
    {
        Random random = new(2);
        for (var round = 0; round < 20_000; round++)
        {
            var noise = new byte[random.Next(1, 40)];
            random.NextBytes(noise);
            noise[0] = (byte)random.Next(6);
            AssertContained(noise);
        }
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0x07 })]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 1, 2, 3 })]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF })]
    [InlineData(new byte[] { 0x80 })]
    [InlineData(new byte[] { })]
    public void Absurd_counts_allocate_nothing(byte[] bytes)
    {
        Read<int>(bytes);
        Read<string>(bytes);
        Read<Person>(bytes);
        Read<(string, Guid, decimal)>(bytes);
        Read<int[,]>(bytes);
        Read<Dictionary<string, int>>([1, 1, 0, .. bytes]);
        Read<List<Guid>>([1, 1, .. bytes]);

        static void Read<T>(byte[] bytes)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Throws<InvalidDataException>(() => ValueCodec.DecodeMany<T>(bytes, CodeSpace.Process));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
        }
    }

    [Fact]
    public void A_value_of_another_type_does_not_pass()
    {
        var circle = ValueCodec.Encode<object>(new Circle(), CodeSpace.Process);
        Assert.Throws<InvalidDataException>(() => ValueCodec.Decode<Person>(circle, CodeSpace.Process));
        Assert.Throws<InvalidDataException>(() => ValueCodec.Decode<IComparable>(circle, CodeSpace.Process));
    }

    [Theory]
    [InlineData("System.Diagnostics.Process")]
    [InlineData("System.IO.FileInfo")]
    [InlineData("System.Random+ThreadSafeRandom")]
    public void Types_that_are_not_on_the_list_are_not_looked_up(string name)
    {
        // A known type by name (tag 0), behind object.
        byte[] bytes = [3, 0, 0, .. ValueCodec.Encode(name, CodeSpace.Process)];
        var error = Assert.Throws<InvalidDataException>(() => ValueCodec.Decode<object>(bytes, CodeSpace.Process));
        Assert.Contains("not a known type", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_that_is_announced_and_is_none_does_not_pass()
    {
        // A new object of a known type, a string, and then a null string.
        byte[] bytes = [3, 0, 0, .. ValueCodec.Encode("System.String", CodeSpace.Process), 0];
        var error = Assert.Throws<InvalidDataException>(() => ValueCodec.Decode<object>(bytes, CodeSpace.Process));
        Assert.Contains("a null stands where System.Object is declared", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Reflection reads type arguments and their assemblies out of a name, and loads these.</summary>
    [Theory]
    [InlineData("System.Collections.Generic.IEnumerable`1[[Strange.Thing, System.Strange]]")]
    [InlineData("System.Collections.Generic.IEnumerable`1[[System.Int32]]")]
    [InlineData("System.DayOfWeek, System.Runtime")]
    [InlineData("System.Void[]")]
    [InlineData("System.DayOfWeek*")]
    [InlineData("")]
    public void A_name_of_a_type_is_a_name_and_nothing_else(string name)
    {
        using var asked = new AskedAssemblies();
        foreach (var (tag, assembly) in ((byte, string)[])[(3, "System.Private.CoreLib"), (2, "MicroSpark.Core")])
        {
            byte[] bytes = [3, 0, tag, .. ValueCodec.Encode(assembly, CodeSpace.Process), .. ValueCodec.Encode(name, CodeSpace.Process)];
            var error = Assert.Throws<InvalidDataException>(() => ValueCodec.Decode<object>(bytes, CodeSpace.Process));
            Assert.Contains("there is no type", error.Message, StringComparison.Ordinal);
        }

        Assert.False(asked.Has("System.Strange"));
    }

    [Fact]
    public void A_pattern_that_cannot_be_and_keys_without_an_order_are_damage()
    {
        Refused(typeof(System.Text.RegularExpressions.Regex), static (ref ValueWriter writer) =>
        {
            writer.WriteString(@"(a)\1");
            writer.WriteVarint((uint)System.Text.RegularExpressions.RegexOptions.NonBacktracking);
            writer.WriteLongVarint((ulong)TimeSpan.TicksPerSecond);
        });
        Refused(typeof(SortedList<object, byte>), static (ref ValueWriter writer) => TwoKeys(ref writer, hasValues: true));
        Refused(typeof(System.Collections.Immutable.ImmutableSortedSet<object>), static (ref ValueWriter writer) => TwoKeys(ref writer, hasValues: false));

        static void TwoKeys(ref ValueWriter writer, bool hasValues)
        {
            writer.WriteByte(Header.Null);
            writer.WriteVarint(2);
            foreach (var key in (object[])[1, "a"])
            {
                writer.WriteValue(key);
                if (hasValues)
                {
                    writer.WriteByte(0);
                }
            }
        }
    }

    /// <summary>A tuple of tuples has few bytes as a name and megabytes as a variable on the stack.</summary>
    [Fact]
    public void A_struct_that_no_stack_holds_is_refused()
    {
        var type = typeof(long);
        for (var level = 0; level < 7; level++)
        {
            type = typeof(ValueTuple<,,,,,,>).MakeGenericType([.. Enumerable.Repeat(type, 7)]);
            if (level is 2 or 3)
            {
                Assert.Equal(level == 2, DataTypes.RefusalOf(type) is null);
                Assert.Equal(level == 2, DataTypes.RefusalOf(typeof(Dictionary<,>).MakeGenericType(typeof(string), type)) is null);
            }
        }

        Refused(type, static (ref ValueWriter writer) => { });
        Refused(typeof(List<>).MakeGenericType(type), static (ref ValueWriter writer) => writer.WriteVarint(0));
    }

    private static void Refused(Type type, Attacks.HostileValue.Part content)
    {
        var bytes = Attacks.HostileValue.Encode((ref ValueWriter writer) =>
        {
            writer.WriteByte(Header.Other);
            writer.WriteCodeType(type);
            content(ref writer);
        });
        Assert.Throws<InvalidDataException>(() => ValueCodec.Decode<object>(bytes, CodeSpace.Process));
    }

    private static void AssertContained(byte[] bytes)
    {
        try
        {
            ValueCodec.Decode<object>(bytes, CodeSpace.Process);
        }
        catch (InvalidDataException)
        {
        }
        catch (InvalidOperationException error) when (error.Message.Contains("is not loaded here", StringComparison.Ordinal))
        {
            // The id of an assembly was hit: this error says which one is missing.
        }
    }
}
