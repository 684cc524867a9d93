using System.Buffers.Binary;
using MicroSpark.Code;
using MicroSpark.Memory;
using MicroSpark.Readers;
using MicroSpark.Tests.Files;

namespace MicroSpark.Tests.Memory;

public sealed class SpillFileTests : IDisposable
{
    private readonly TemporaryFolder _root = new();
    private readonly SpillFolder _folder;
    private readonly SpillFile _file;

    public SpillFileTests()
    {
        _folder = new SpillFolder(_root.Path);
        _file = new SpillFile(_folder, CodeSpace.Process);
    }

    public void Dispose()
    {
        _file.Dispose();
        _folder.Dispose();
        _root.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(70_000)]
    [InlineData(300_000)]
    public void A_run_comes_back_as_it_was_written(int count)
    {
        RoundTrip(Enumerable.Range(0, count).Select(i => (long)i * 7));
        RoundTrip(Enumerable.Range(0, count).Select(i => (i, (long)-i)));
        RoundTrip(Enumerable.Range(0, count).Select(i => i % 5 == 0 ? null : $"text {i}"));
        RoundTrip(Enumerable.Range(0, count).Select(i => (i, $"text {i}")));
    }

    [Fact]
    public void A_large_element_has_a_frame_for_its_own_sake()
    {
        RoundTrip(Enumerable.Range(0, 40).Select(i => new string((char)('a' + i), i % 3 == 0 ? 400_000 : 3)));
    }

    [Fact]
    public void Runs_written_at_the_same_time_are_kept_apart()
    {
        const int Runs = 5;
        var writers = Enumerable.Range(0, Runs).Select(_ => _file.Append<long>()).ToArray();
        for (var i = 0; i < 200_000; i++)
        {
            writers[i * 31 % Runs].Add(i);
        }

        var runs = writers.Select(w => w.Complete()).ToArray();
        for (var r = 0; r < Runs; r++)
        {
            Assert.Equal(Enumerable.Range(0, 200_000).Where(i => i * 31 % Runs == r).Select(i => (long)i), Read<long>(runs[r]));
        }

        Assert.Equal(_file.Length, runs.Sum(r => r.Bytes));
    }

    [Fact]
    public void Frames_depend_on_the_elements_alone()
    {
        var items = Enumerable.Range(0, 100_000).Select(i => $"element {i}").ToArray();
        using var one = _file.Append<string>();
        foreach (var item in items)
        {
            one.Add(item);
        }

        var byOne = _file.ReadFrames(one.Complete().Ranges).Select(f => f.ToArray()).ToArray();
        var atOnce = _file.ReadFrames(_file.Write<string>(items).Ranges).Select(f => f.ToArray()).ToArray();
        Assert.Equal(byOne, atOnce);
        Assert.All(byOne, f => Assert.InRange(f.Length, Frame.HeaderLength + 1, Frame.TargetBytes * 2));
    }

    [Fact]
    public void A_changed_byte_is_noticed()
    {
        var run = _file.Write<long>(Enumerable.Range(0, 1000).Select(i => (long)i).ToArray());
        var path = Directory.GetFiles(_folder.Location).Single();
        using (var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            file.Position = 500;
            file.WriteByte(0xFF);
        }

        var error = Assert.Throws<InvalidDataException>(() => Read<long>(run));
        Assert.Contains("checksum", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(-1, 10)]
    [InlineData(Frame.MostElements + 1, 10)]
    [InlineData(1, -1)]
    [InlineData(1, int.MaxValue)]
    public void An_absurd_header_is_refused(int count, int length)
    {
        var header = new byte[Frame.HeaderLength];
        BinaryPrimitives.WriteInt32LittleEndian(header, count);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(4), length);
        Assert.Throws<InvalidDataException>(() => FrameHeader.Read(header));
    }

    [Fact]
    public void Whoever_reads_goes_on_when_the_file_is_disposed_and_nothing_stays()
    {
        var run = _file.Write<long>(Enumerable.Range(0, 200_000).Select(i => (long)i).ToArray());
        using (var reader = _file.Read<long>(run))
        {
            Assert.True(reader.Next(10, out _));
            _file.Dispose();
            var rest = 10L;
            while (reader.Next(int.MaxValue, out var items))
            {
                Assert.Equal(rest, items[0]);
                rest += items.Length;
            }

            Assert.Equal(200_000, rest);
        }

        Assert.Throws<ObjectDisposedException>(() => _file.Read<long>(run));
        Assert.Empty(Directory.GetFiles(_folder.Location));
    }

    private void RoundTrip<T>(IEnumerable<T> items)
    {
        var expected = items.ToArray();
        using var writer = _file.Append<T>();
        foreach (var item in expected)
        {
            writer.Add(item);
        }

        var run = writer.Complete();
        Assert.Equal(expected.Length, run.Count);
        Assert.Equal(expected, Read<T>(run));
        Assert.Equal(expected, Read<T>(_file.Write<T>(expected)));
    }

    private List<T> Read<T>(SpilledSequence run)
    {
        using var reader = _file.Read<T>(run);
        var items = new List<T>();
        while (reader.Next(1000, out var chunk))
        {
            Assert.InRange(chunk.Length, 1, 1000);
            items.AddRange(chunk);
        }

        return items;
    }
}
