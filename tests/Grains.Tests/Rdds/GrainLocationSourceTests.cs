using MicroSpark.Grains.Rdds;
using MicroSpark.Slots;
using MicroSpark.Tasks;

namespace MicroSpark.Tests.Rdds;

[Collection(nameof(GrainLocationSourceTests))]
public sealed class GrainLocationSourceTests
{
    /// <summary>A question that was answered before it was noted stayed noted for ever, and readers of the next version asked it in a loop without end.</summary>
    [Fact]
    public async Task An_answer_that_is_too_old_is_not_taken_for_the_next_question()
    {
        const int Readers = 16;
        const long Versions = 20_000;
        var source = new GrainLocationSource(static (_, version) => Task.FromResult<BlockMap?>(new BlockMap(default, version, [], [], [])), TimeProvider.System, BackgroundWork.Pool);
        var maps = await Task.WhenAll(Enumerable.Range(0, Readers).Select(reader => Task.Run(async () =>
        {
            BlockMap? map = null;
            for (var version = 1L; version <= Versions; version++)
            {
                map = await source.LocateAsync(new LineageId((ulong)reader, 0), version, CancellationToken.None);
                Assert.InRange(map.Version, version, Versions);
            }

            return map!.Version;
        })));
        Assert.All(maps, static version => Assert.Equal(Versions, version));
    }

    /// <summary>Two activations of a grain, while silos go: the one that lives on counts from less than the other had come to.</summary>
    [Fact]
    public async Task What_did_not_hold_is_asked_for_again_even_if_it_seems_new_enough()
    {
        var version = 9L;
        var source = new GrainLocationSource((_, _) => Task.FromResult<BlockMap?>(new BlockMap(default, version, [], [], [])), TimeProvider.System, BackgroundWork.Pool);
        Assert.Equal(9, (await source.LocateAsync(default, 5, CancellationToken.None)).Version);
        version = 6;
        Assert.Equal(9, (await source.LocateAsync(default, 6, CancellationToken.None)).Version);
        source.Forget(default);
        Assert.Equal(6, (await source.LocateAsync(default, 6, CancellationToken.None)).Version);
    }
}

/// <summary>Its readers take all threads of the pool, which other tests' time would feel.</summary>
[CollectionDefinition(nameof(GrainLocationSourceTests), DisableParallelization = true)]
public sealed class AloneCollection;
