using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using MicroSpark.Memory;

namespace MicroSpark.Files;

/// <summary>
/// Does the work of a function of the form <c>line =&gt; line.Split(...)</c>, without an array for each line and a string for each word.
/// The words are those of <see cref="string.Split(char, StringSplitOptions)"/>; equal ones are mostly one object. Compiled loops read the
/// fields. Used by one task.
/// </summary>
/// <remarks>
/// Only code that compares words by reference, locks on them, or writes into a string's memory could tell the difference. The first two
/// depend on chance in any program that has interned strings, and the third is forbidden.
/// </remarks>
/// <param name="separators">The characters that separate words; null for any white space.</param>
/// <param name="function">The function itself, for what only it can do: fail on null as the user's code fails.</param>
internal sealed class WordSplitter(char[]? separators, StringSplitOptions options, Func<string, IEnumerable<string>> function)
{
    /// <summary>Words whose places in the table are looked up together: their memory comes at the same time.</summary>
    private const int FoundAtOnce = 32;

    private readonly WordTable _table = new();
    private readonly bool _trims = (options & StringSplitOptions.TrimEntries) != 0;
    private readonly bool _dropsEmpty = (options & StringSplitOptions.RemoveEmptyEntries) != 0;
    private readonly SearchValues<char> _separators = separators is not null ? SearchValues.Create(separators) : WhiteSpace.All;

    /// <summary>What separates words in ASCII text.</summary>
    private readonly byte[] _asciiSeparators = separators is not null
        ? [.. separators.Where(char.IsAscii).Select(c => (byte)c)]
        : [.. WhiteSpace.Ascii];

    private readonly Found[] _found = new Found[FoundAtOnce];
    private byte[] _ascii = new byte[1024];
    private int _foundCount;

    /// <summary>The words found since <see cref="Clear"/>; the first <see cref="Count"/> count.</summary>
    public string[] Words = new string[256];

    /// <summary>The words' stable hashes. There are some more than words, so that one may look ahead.</summary>
    public ulong[] Hashes = new ulong[256 + (2 * Prefetch.Distance)];

    public int Count;

    public void Clear() => Count = 0;

    /// <summary>Replaces the words by those of a line.</summary>
    public void Split(string? line)
    {
        Count = 0;
        if (line is null)
        {
            // Fails as the user's own code does, from within it.
            _ = function(line!);
            throw new NullReferenceException();
        }

        Append(line);
    }

    /// <summary>Adds the words of a line.</summary>
    public void Append(string line)
    {
        if (line.Length <= Array.MaxLength / 2 && Ascii.FromUtf16(line, Room(line.Length), out _) == OperationStatus.Done)
        {
            SplitAscii(line.Length);
        }
        else
        {
            SplitAny(line);
        }
    }

    /// <summary>Adds the words of a line of ASCII characters.</summary>
    public void AppendAscii(ReadOnlySpan<byte> line)
    {
        line.CopyTo(Room(line.Length));
        SplitAscii(line.Length);
    }

    /// <summary>Where a line is put to be split: a block more is readable behind it, so that its end is read in blocks too.</summary>
    private Span<byte> Room(int length)
    {
        if (_ascii.Length < length + ByteScan.Block)
        {
            _ascii = new byte[Math.Max(2 * _ascii.Length, length + ByteScan.Block)];
        }

        return _ascii.AsSpan(0, length);
    }

    private void SplitAscii(int length)
    {
        ref var text = ref MemoryMarshal.GetArrayDataReference(_ascii);
        var start = 0;
        for (var block = 0; block < length; block += ByteScan.Block)
        {
            var found = _asciiSeparators.Length == 1
                ? ByteScan.Find(ref Unsafe.Add(ref text, block), _asciiSeparators[0])
                : ByteScan.Find(ref Unsafe.Add(ref text, block), _asciiSeparators);
            if (length - block < ByteScan.Block)
            {
                found &= (1UL << (length - block)) - 1;
            }

            while (found != 0)
            {
                var end = block + BitOperations.TrailingZeroCount(found);
                found &= found - 1;
                AddFound(ref text, start, end - start);
                start = end + 1;
            }
        }

        AddFound(ref text, start, length - start);
        LookUp(ref text);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AddFound(ref byte text, int start, int length)
    {
        if (_trims)
        {
            length = Trim(ref Unsafe.Add(ref text, start), length, out var leading);
            start += leading;
        }

        if (length == 0 && _dropsEmpty)
        {
            return;
        }

        if (_foundCount == FoundAtOnce)
        {
            LookUp(ref text);
        }

        var probe = length <= WordTable.InlineBytes ? _table.Prepare(ref Unsafe.Add(ref text, start), length) : default;
        _found[_foundCount++] = new Found(probe, start, length);
    }

    private void LookUp(ref byte text)
    {
        var found = _found.AsSpan(0, _foundCount);
        _foundCount = 0;
        if (Words.Length - Count < found.Length)
        {
            Grow();
        }

        foreach (ref readonly var word in found)
        {
            Words[Count] = _table.OfAscii(in word.Probe, ref Unsafe.Add(ref text, word.Start), word.Length, out var hash);
            Hashes[Count++] = hash;
        }
    }

    private void SplitAny(ReadOnlySpan<char> line)
    {
        while (true)
        {
            var end = line.IndexOfAny(_separators);
            var piece = end < 0 ? line : line[..end];
            piece = _trims ? piece.Trim() : piece;
            if (!piece.IsEmpty || !_dropsEmpty)
            {
                if (Count == Words.Length)
                {
                    Grow();
                }

                Words[Count] = _table.Of(piece, out var hash);
                Hashes[Count++] = hash;
            }

            if (end < 0)
            {
                return;
            }

            line = line[(end + 1)..];
        }
    }

    /// <summary>The length that is left without white space around.</summary>
    private static int Trim(ref byte start, int length, out int leading)
    {
        var piece = MemoryMarshal.CreateReadOnlySpan(ref start, length);
        var trimmed = piece.TrimStart(WhiteSpace.Ascii);
        leading = piece.Length - trimmed.Length;
        return trimmed.TrimEnd(WhiteSpace.Ascii).Length;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow()
    {
        Array.Resize(ref Words, checked(Words.Length * 2));
        Array.Resize(ref Hashes, Words.Length + (2 * Prefetch.Distance));
    }

    private readonly struct Found(WordTable.Probe probe, int start, int length)
    {
        public readonly WordTable.Probe Probe = probe;
        public readonly int Start = start;
        public readonly int Length = length;
    }
}
