using MessagePack;
using MessagePack.Formatters;
using MicroSpark.Code;
using MicroSpark.Codecs;
using MicroSpark.Sources;
using MicroSpark.Tests.Engine;

namespace MicroSpark.Tests.Codecs;

/// <summary>A type that names its formatter travels as that says, whatever its fields are.</summary>
public class FormattedTests
{
    [Fact]
    public void A_type_whose_fields_cannot_travel_does_by_its_formatter()
    {
        ValueCodec.EnsureEncodable(typeof(List<Sensor>));
        var sensor = new Sensor("north", 3);
        List<Sensor?> sensors = [sensor, null, sensor, new Sensor("south", 4)];

        var read = ValueCodec.Decode<List<Sensor?>>(ValueCodec.Encode(sensors, CodeSpace.Process), CodeSpace.Process);

        Assert.Equal(["north", null, "north", "south"], read.Select(static s => s?.Name));
        Assert.Equal(9, read[0]!.Squared());
        Assert.Same(read[0], read[2]);
    }

    [Fact]
    public void Generic_ones_structs_and_those_behind_a_wider_type_too()
    {
        object[] values = [new Boxed<string>("a"), new Reading(new Sensor("x", 2), 5), new Boxed<int>(7)];

        var read = ValueCodec.Decode<object[]>(ValueCodec.Encode(values, CodeSpace.Process), CodeSpace.Process);

        Assert.Equal("a", ((Boxed<string>)read[0]).Get());
        Assert.Equal(("x", 5), (((Reading)read[1]).Sensor.Name, ((Reading)read[1]).Value));
        Assert.Equal(7, ((Boxed<int>)read[2]).Get());
    }

    [Fact]
    public void A_formatter_of_something_else_is_refused()
    {
        var error = Assert.Throws<NotEncodableException>(() => ValueCodec.EnsureEncodable(typeof(Confused[])));
        Assert.Contains("SensorFormatter", error.Message, StringComparison.Ordinal);
        Assert.Throws<NotEncodableException>(() => ValueCodec.Encode(new Confused(), CodeSpace.Process));
    }

    [Fact]
    public void Cut_and_changed_bytes_are_an_error_that_says_so()
    {
        var bytes = ValueCodec.Encode(new Sensor("north", 3), CodeSpace.Process);
        for (var length = 0; length < bytes.Length; length++)
        {
            var cut = bytes[..length];
            Assert.Throws<InvalidDataException>(() => ValueCodec.Decode<Sensor>(cut, CodeSpace.Process));
        }

        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var changed = (byte[])bytes.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            try
            {
                ValueCodec.Decode<Sensor>(changed, CodeSpace.Process);
            }
            catch (InvalidDataException)
            {
                // The other half is other sensors, or none.
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task In_jobs_captured_shuffled_and_collected(bool simulated)
    {
        using var runner = new LocalRunner(2, fused: true, simulated);
        var factor = new Sensor("factor", 5);
        var sensors = await Source.Range(runner, 0, 20, 1, 4).Map(n => ((int)n % 2, new Sensor($"s{n}", n * factor.Value)))
            .PartitionBy(new HashPartitioner<int>(2)).Values().CollectAsync();

        Assert.Equal(Enumerable.Range(0, 20).Select(static n => n * 5L).Order(), sensors.Select(static s => s.Value).Order());
        Assert.All(sensors, static s => Assert.Equal(s.Value * s.Value, s.Squared()));
    }

    [MessagePackFormatter(typeof(SensorFormatter))]
    internal sealed class Sensor(string name, long value) : IDisposable
    {
        private readonly Lazy<long> _squared = new(() => value * value);

        public string Name => name;

        public long Value => value;

        public long Squared() => _squared.Value;

        public void Dispose()
        {
        }
    }

    internal sealed class SensorFormatter : IMessagePackFormatter<Sensor?>
    {
        public void Serialize(ref MessagePackWriter writer, Sensor? value, MessagePackSerializerOptions options)
        {
            writer.Write(value!.Name);
            writer.Write(value.Value);
        }

        public Sensor? Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options) => new(reader.ReadString()!, reader.ReadInt64());
    }

    [MessagePackFormatter(typeof(BoxedFormatter<>))]
    internal sealed class Boxed<T>(T value)
    {
        public Func<T> Get { get; } = () => value;
    }

    internal sealed class BoxedFormatter<T> : IMessagePackFormatter<Boxed<T>?>
    {
        public void Serialize(ref MessagePackWriter writer, Boxed<T>? value, MessagePackSerializerOptions options) =>
            options.Resolver.GetFormatterWithVerify<T>().Serialize(ref writer, value!.Get(), options);

        public Boxed<T>? Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options) =>
            new(options.Resolver.GetFormatterWithVerify<T>().Deserialize(ref reader, options));
    }

    /// <summary>How many bytes it takes is the formatter's to say, not its fields'.</summary>
    [Fact]
    public void The_shortest_ones_come_back_from_inside_others()
    {
        (Reading, string?)[] items = [.. Enumerable.Range(0, 5).Select(static _ => (new Reading(new Sensor("", 0), 0), (string?)null))];
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        ValueCodec.EncodeMany<(Reading, string?)>(items, output, CodeSpace.Process);
        Assert.Equal(5, ValueCodec.DecodeMany<(Reading, string?)>(output.WrittenSpan, CodeSpace.Process).Length);
    }

    [MessagePackFormatter(typeof(ReadingFormatter), 2)]
    internal readonly struct Reading(Sensor sensor, int value)
    {
        public Sensor Sensor => sensor;

        public int Value => value;
    }

    internal sealed class ReadingFormatter(int factor) : IMessagePackFormatter<Reading>
    {
        public void Serialize(ref MessagePackWriter writer, Reading value, MessagePackSerializerOptions options)
        {
            writer.Write(value.Sensor.Name);
            writer.Write(value.Value * factor);
        }

        public Reading Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options) =>
            new(new Sensor(reader.ReadString()!, 0), reader.ReadInt32() / factor);
    }

    [MessagePackFormatter(typeof(SensorFormatter))]
    internal sealed class Confused;
}
