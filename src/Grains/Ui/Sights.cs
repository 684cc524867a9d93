using System.Collections.Concurrent;

namespace MicroSpark.Grains.Ui;

/// <summary>Bytes that are made once for all viewers who see the same: most often there is one such kind of viewers.</summary>
internal sealed class Sights(Func<Viewer, byte[]> make)
{
    private readonly ConcurrentDictionary<string, Lazy<byte[]>> _made = new();

    public byte[] Of(Viewer viewer) =>
        _made.GetOrAdd(viewer.Sight, static (_, one) => new Lazy<byte[]>(() => one.make(one.viewer)), (make, viewer)).Value;
}
