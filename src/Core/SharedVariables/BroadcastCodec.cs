using MicroSpark.Codecs;
using MicroSpark.Tasks;

namespace MicroSpark.SharedVariables;

/// <summary>A broadcast inside what a lambda captured: the names of its pieces.</summary>
internal sealed class BroadcastCodec<T> : ClassCodec<Broadcast<T>>
{
    protected override bool IsDeep => false;

    protected override void WriteContent(ref ValueWriter writer, Broadcast<T> value)
    {
        if (writer.State.Capture is null)
        {
            throw new NotEncodableException(
                "", "it is a broadcast, which travels with lambdas only. Keep it out of the data, and capture it in the lambda that "
                    + "reads it.", value);
        }

        value.Content.Write(ref writer);
    }

    protected override Broadcast<T> ReadContent(ref ValueReader reader, int number)
    {
        _ = reader.RequirePlan("a broadcast");
        return new(BroadcastContent.Read(ref reader), BroadcastSource.OfTask());
    }
}
