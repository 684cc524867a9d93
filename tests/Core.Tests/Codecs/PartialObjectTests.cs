using System.Buffers;
using System.Reflection;
using MicroSpark.Code;
using MicroSpark.Codecs;

namespace MicroSpark.Tests.Codecs;

/// <summary>Objects of which only chosen fields travel, as the targets of lambdas do.</summary>
public class PartialObjectTests
{
    private static readonly FieldInfo s_value = typeof(Node).GetField(nameof(Node.Value))!;
    private static readonly FieldInfo s_next = typeof(Node).GetField(nameof(Node.Next))!;
    private static readonly FieldInfo s_tag = typeof(Node).GetField(nameof(Node.Tag))!;

    private delegate void Writing(ref ValueWriter writer);

    private delegate object?[] Reading(ref ValueReader reader);

    [Fact]
    public void Only_the_chosen_fields_travel()
    {
        Node node = new() { Value = 5, Tag = new MemoryStream() };
        var read = Through(
            (ref ValueWriter writer) => ObjectCodec.WriteFields(ref writer, node, [s_value]),
            static (ref ValueReader reader) => [ObjectCodec.ReadFields(ref reader, typeof(Node), [s_value])]);

        var copy = Assert.IsType<Node>(read[0]);
        Assert.Equal((5, null), (copy.Value, copy.Tag));
    }

    [Fact]
    public void Two_readers_of_one_object_share_it_and_each_finds_its_fields()
    {
        Node node = new() { Value = 5, Tag = "tag" };
        var read = Through(
            (ref ValueWriter writer) =>
            {
                ObjectCodec.WriteFields(ref writer, node, [s_value]);
                ObjectCodec.WriteFields(ref writer, node, [s_value, s_tag]);
            },
            static (ref ValueReader reader) =>
            [
                ObjectCodec.ReadFields(ref reader, typeof(Node), [s_value]),
                ObjectCodec.ReadFields(ref reader, typeof(Node), [s_value, s_tag]),
            ]);

        Assert.Same(read[0], read[1]);
        Assert.Equal((5, "tag"), (((Node)read[0]!).Value, ((Node)read[0]!).Tag));
    }

    [Fact]
    public void An_object_met_again_inside_a_value_is_completed()
    {
        Node node = new() { Value = 5, Tag = "tag" };
        node.Next = new Node { Next = node };
        var read = Through(
            (ref ValueWriter writer) => ObjectCodec.WriteFields(ref writer, node, [s_next]),
            static (ref ValueReader reader) => [ObjectCodec.ReadFields(ref reader, typeof(Node), [s_next])]);

        var copy = Assert.IsType<Node>(read[0]);
        Assert.Same(copy, copy.Next!.Next);
        Assert.Equal((5, "tag"), (copy.Value, copy.Tag));
    }

    [Fact]
    public void A_refused_field_is_named()
    {
        Node node = new() { Tag = new Order { Lines = { new LoggedLine { logger = new MemoryStream() } } } };
        var error = Assert.Throws<NotEncodableException>(() => Through(
            (ref ValueWriter writer) => ObjectCodec.WriteFields(ref writer, node, [s_value, s_tag]), static (ref ValueReader _) => []));
        Assert.Equal("Tag.Lines[].logger", error.Path);
    }

    private static object?[] Through(Writing write, Reading read)
    {
        ArrayBufferWriter<byte> output = new();
        ValueWriter writer = new(output, CodeSpace.Process);
        try
        {
            write(ref writer);
            writer.Flush();
        }
        finally
        {
            writer.Dispose();
        }

        ValueReader reader = new(output.WrittenSpan, CodeSpace.Process);
        try
        {
            var result = read(ref reader);
            reader.Complete();
            return result;
        }
        finally
        {
            reader.Dispose();
        }
    }
}
