using MicroSpark.Code;
using MicroSpark.Codecs;
using MicroSpark.Files;
using MicroSpark.Memory;
using MicroSpark.SharedVariables;
using MicroSpark.Tests.Files;

namespace MicroSpark.Tests.Attacks;

/// <summary>
/// Every decoder of data, fed with values that would act: each refuses them as damage. Nothing of them is made, run, disposed or finalized.
/// </summary>
public sealed class DecoderTests
{
    private const int Deepest = 4;
    private const int Rounds = 4_000;
    private const byte FieldsFollow = 1;

    /// <summary>All ways from bytes to values. Each is given one value where any object is declared.</summary>
    private static readonly (string Name, Action<byte[]> Read)[] s_decoders =
    [
        ("value", static bytes => ValueCodec.Decode<object>(bytes, CodeSpace.Process)),
        ("values", static bytes => ValueCodec.DecodeMany<object>([1, .. bytes], CodeSpace.Process)),
        ("pair", static bytes => ValueCodec.Decode<(object, int)>([.. bytes, 0, 0, 0, 0], CodeSpace.Process)),
        ("frame", static bytes => new FrameDecoder<object>(CodeSpace.Process).Read(FrameHeader.Of(1, bytes), bytes)),
        ("file", ReadFile),
        ("update", static bytes => AccumulatorState.Decode(
            typeof(CollectionAccumulator<object>), [Header.New, FieldsFollow, Header.New, 1, .. bytes], CodeSpace.Process)),
    ];

    [Fact]
    public void A_plain_value_is_read_by_each_decoder()
    {
        foreach (var value in (object[])["text", 1, new List<object> { "a" }, new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["a"] = 1 }])
        {
            Assert.All(s_decoders, decoder => decoder.Read(HostileValue.Encode(HostileValue.Real(value))));
        }
    }

    /// <summary>A broadcast asks the cluster for a blob, an accumulator of a lambda joins the task that reads it.</summary>
    [Theory]
    [InlineData(typeof(Broadcast<int>))]
    [InlineData(typeof(LongAccumulator))]
    public void What_only_lambdas_capture_is_refused_in_data(Type type) =>
        Refuse(type.Name, HostileValue.Encode(HostileValue.OfType(type, filler: 0)));

    [Fact]
    public void Each_object_that_acts_is_refused_by_each_decoder()
    {
        foreach (var (name, gadget) in HostileValue.Gadgets())
        {
            Refuse(name, HostileValue.Encode(gadget));
        }
    }

    [Fact]
    public void Each_object_that_acts_is_refused_inside_each_plain_one()
    {
        foreach (var (name, gadget) in HostileValue.Gadgets())
        {
            foreach (var (wrapper, around) in HostileValue.Wrappers())
            {
                Refuse($"{name} as {wrapper}", HostileValue.Encode(around(gadget)));
            }
        }
    }

    [Fact]
    public void Each_object_that_acts_is_refused_at_any_depth()
    {
        var random = new Random(1);
        var gadgets = HostileValue.Gadgets().ToArray();
        var wrappers = HostileValue.Wrappers().ToArray();
        for (var round = 0; round < Rounds; round++)
        {
            var (name, value) = gadgets[random.Next(gadgets.Length)];
            for (var depth = random.Next(2, Deepest); depth > 0; depth--)
            {
                var (wrapper, around) = wrappers[random.Next(wrappers.Length)];
                (name, value) = ($"{name} as {wrapper}", around(value));
            }

            Refuse(name, HostileValue.Encode(value));
        }
    }

    private static void Refuse(string name, byte[] bytes)
    {
        HostileValue.HasActed = false; // The attacker's own collection asked its comparer.
        foreach (var (decoder, read) in s_decoders)
        {
            var error = Record.Exception(() => read(bytes));
            Assert.False(HostileValue.HasActed, $"{decoder}: {name} ran a function.");
            Assert.True(error is InvalidDataException, $"{decoder}: {name} gave {error?.ToString() ?? "a value"}.");
        }

        Assert.Equal(0, HostileValue.Owner.Disposed);
        Assert.Equal(0, HostileValue.Finalizable.Finalized);
    }

    private static void ReadFile(byte[] bytes)
    {
        var content = new MemoryStream();
        ObjectFileFormat.WriteHead(content, ElementShape.Of(typeof(object)));
        content.Write(new Frame(FrameHeader.Of(1, bytes), bytes).ToArray());
        ObjectFileFormat.WriteEnd(content, 1);
        var files = new MemoryFileSystem();
        using var reader = new ObjectFileReader<object>(files.Add("/f", content.ToArray()), CodeSpace.Process, files);
        while (reader.Next(10, out _))
        {
        }
    }
}
