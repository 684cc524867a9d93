using System.Buffers;
using BenchmarkDotNet.Attributes;
using MicroSpark.Code;
using MicroSpark.Codecs;

namespace MicroSpark.Bench.Micro;

/// <summary>Elements as bytes and back: numbers as they lie in memory, text, tuples of both, and objects whose type only they know.</summary>
public class ValueCodecs
{
    private const int Count = 10_000;

    private readonly ArrayBufferWriter<byte> _output = new();
    private long[] _longs = [];
    private string[] _words = [];
    private (string Word, long Count)[] _pairs = [];
    private object[] _objects = [];
    private byte[] _encodedLongs = [];
    private byte[] _encodedWords = [];
    private byte[] _encodedPairs = [];
    private byte[] _encodedObjects = [];

    [GlobalSetup]
    public void Prepare()
    {
        _longs = Data.Longs(Count, seed: 1);
        _words = [.. _longs.Select(value => value.ToString("x", null))];
        _pairs = [.. _words.Zip(_longs)];
        _objects = [.. _pairs.Select((pair, i) => i % 2 == 0 ? (object)new Word(pair.Word, pair.Count) : new Number(pair.Count))];
        _encodedLongs = Encode<long>(_longs).ToArray();
        _encodedWords = Encode<string>(_words).ToArray();
        _encodedPairs = Encode<(string, long)>(_pairs).ToArray();
        _encodedObjects = Encode<object>(_objects).ToArray();
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public int EncodeLongs() => Encode<long>(_longs).Length;

    [Benchmark(OperationsPerInvoke = Count)]
    public int EncodeWords() => Encode<string>(_words).Length;

    [Benchmark(OperationsPerInvoke = Count)]
    public int EncodePairs() => Encode<(string, long)>(_pairs).Length;

    [Benchmark(OperationsPerInvoke = Count)]
    public int EncodeObjects() => Encode<object>(_objects).Length;

    [Benchmark(OperationsPerInvoke = Count)]
    public int DecodeLongs() => ValueCodec.DecodeMany<long>(_encodedLongs, CodeSpace.Process).Length;

    [Benchmark(OperationsPerInvoke = Count)]
    public int DecodeWords() => ValueCodec.DecodeMany<string>(_encodedWords, CodeSpace.Process).Length;

    [Benchmark(OperationsPerInvoke = Count)]
    public int DecodePairs() => ValueCodec.DecodeMany<(string, long)>(_encodedPairs, CodeSpace.Process).Length;

    [Benchmark(OperationsPerInvoke = Count)]
    public int DecodeObjects() => ValueCodec.DecodeMany<object>(_encodedObjects, CodeSpace.Process).Length;

    private ReadOnlySpan<byte> Encode<T>(T[] items)
    {
        _output.ResetWrittenCount();
        ValueCodec.EncodeMany<T>(items, _output, CodeSpace.Process);
        return _output.WrittenSpan;
    }

    private sealed record Word(string Text, long Count);

    private sealed record Number(long Value);
}
