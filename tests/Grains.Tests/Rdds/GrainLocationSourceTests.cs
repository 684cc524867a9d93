using MicroSpark.Engine;
using MicroSpark.Rdds;

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
        var source = new GrainLocationSource(static (_, version) => Task.FromResult<BlockMap?>(new BlockMap(default, version, [], [], [])), TimeProvider.System);
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
}

/// <summary>Its readers take all threads of the pool, which other tests' time would feel.</summary>
[CollectionDefinition(nameof(GrainLocationSourceTests), DisableParallelization = true)]
public sealed class AloneCollection;
