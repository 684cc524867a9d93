using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;
using MicroSpark.Hashing;
using MicroSpark.Memory;

namespace MicroSpark.Files;

/// <summary>
/// The strings that a task made last, by their characters. A word that comes again gets the string from here, with its known hash.
/// </summary>
/// <remarks>
/// A bounded cache of at most 8 MB plus the strings, not a dictionary. Each hash has two places; a word that finds both taken replaces one.
/// Up to 15 ASCII characters are the key themselves, so that a hit reads one cache line and never touches the string.
/// <code>
/// ASCII, up to 15     A, B = the characters, zeros behind, and length + 1 in the last byte
/// anything else       A = the string's hash, B = 0xFF in the last byte and the length; the string itself is compared
/// </code>
/// </remarks>
internal sealed class WordTable
{
    /// <summary>The most bytes that are a key themselves. So many, and one more, must be readable behind the start of any word.</summary>
    public const int InlineBytes = 15;

    /// <summary>Longer words are seldom repeated, and keeping them would keep much memory.</summary>
    private const int LongestKept = 32;

    /// <summary>
    /// One of so many words that find both places taken replaces the first, so that a text whose words change is followed.
    /// </summary>
    private const int FirstKept = 16;

    private const int SmallestCapacity = 1 << 10;
    private const int LargestCapacity = 1 << 18;

    private static readonly ulong s_emptyHash = StringHash.Of("");

    private Entry[] _entries = new Entry[SmallestCapacity];
    private int _shift = ShiftFor(SmallestCapacity);
    private int _added;
    private uint _turn;

    /// <summary>Bytes that are kept of 16 for each length.</summary>
    private static ReadOnlySpan<byte> Masks =>
    [
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];

    /// <summary>
    /// Where to look for up to <see cref="InlineBytes"/> ASCII characters. The memory is asked for here, so that it is in the cache at the
    /// look-up.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Probe Prepare(ref byte start, int length)
    {
        var mask = Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(Masks), (nuint)(16 - length));
        var key = (Vector128.LoadUnsafe(ref start) & mask).AsUInt64();
        var probe = new Probe(key.ToScalar(), key.GetElement(1) | ((ulong)(uint)(length + 1) << 56));
        Prefetch.Read(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_entries), PlaceOf(probe.A, probe.B)));
        return probe;
    }

    /// <summary>The word of these ASCII characters.</summary>
    /// <param name="probe">What <see cref="Prepare"/> made of them; of longer words nothing.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public string OfAscii(in Probe probe, ref byte start, int length, out ulong hash)
    {
        if (length > InlineBytes)
        {
            return OfLongAscii(ref start, length, out hash);
        }

        // Which of the two it is comes without a branch: nobody could foretell it.
        var (a, b) = (probe.A, probe.B);
        ref var first = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_entries), PlaceOf(a, b));
        ref var second = ref Unsafe.Add(ref first, 1);
        ref var entry = ref Unsafe.Add(ref first, ((second.A ^ a) | (second.B ^ b)) == 0 ? 1 : 0);
        if (((entry.A ^ a) | (entry.B ^ b)) != 0)
        {
            return AddAscii(a, b, ref start, length, out hash);
        }

        hash = entry.Hash;
        return entry.Word;
    }

    /// <summary>The word of any characters.</summary>
    public string Of(ReadOnlySpan<char> characters, out ulong hash)
    {
        hash = StringHash.Of(characters);
        if (characters.IsEmpty)
        {
            return "";
        }

        if (characters.Length > LongestKept)
        {
            return new string(characters);
        }

        var b = (0xFFUL << 56) | (uint)characters.Length;
        ref var first = ref _entries[PlaceOf(hash, b)];
        ref var second = ref Unsafe.Add(ref first, 1);
        return first.A == hash && first.B == b && characters.SequenceEqual(first.Word) ? first.Word
            : second.A == hash && second.B == b && characters.SequenceEqual(second.Word) ? second.Word
            : Add(hash, b, new string(characters), hash);
    }

    private static int ShiftFor(int capacity) => 64 - BitOperations.Log2((uint)capacity / 2);

    /// <summary>The first of a key's two places.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint PlaceOf(ulong a, ulong b) => (uint)(((a ^ (b * HashMix.K2)) * HashMix.K1) >> _shift) * 2;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private string OfLongAscii(ref byte start, int length, out ulong hash)
    {
        var bytes = MemoryMarshal.CreateReadOnlySpan(ref start, length);
        if (length > LongestKept)
        {
            var word = Encoding.Latin1.GetString(bytes);
            hash = StringHash.Of(word);
            return word;
        }

        Span<char> characters = stackalloc char[LongestKept];
        Encoding.Latin1.GetChars(bytes, characters);
        return Of(characters[..length], out hash);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private string AddAscii(ulong a, ulong b, ref byte start, int length, out ulong hash)
    {
        if (length == 0)
        {
            hash = s_emptyHash;
            return "";
        }

        var word = Encoding.Latin1.GetString(MemoryMarshal.CreateReadOnlySpan(ref start, length));
        hash = StringHash.Of(word);
        return Add(a, b, word, hash);
    }

    private string Add(ulong a, ulong b, string word, ulong hash)
    {
        if (_added++ >= _entries.Length && _entries.Length < LargestCapacity)
        {
            Grow();
        }

        // The first place is kept long: who came first is frequent, and should stay one object. The second is for whoever came last.
        var place = PlaceOf(a, b);
        if (_entries[place].Word is not null && ++_turn % FirstKept != 0)
        {
            place++;
        }

        _entries[place] = new Entry { A = a, B = b, Word = word, Hash = hash };
        return word;
    }

    private void Grow()
    {
        var old = _entries;
        _added = 0;
        _entries = new Entry[old.Length * 4];
        _shift = ShiftFor(_entries.Length);
        foreach (ref readonly var entry in old.AsSpan())
        {
            if (entry.Word is not null)
            {
                var place = PlaceOf(entry.A, entry.B);
                _entries[_entries[place].Word is null ? place : place + 1] = entry;
            }
        }
    }

    /// <summary>A short word's key.</summary>
    internal readonly record struct Probe(ulong A, ulong B);

    private struct Entry
    {
        public ulong A;
        public ulong B;
        public ulong Hash;
        public string Word;
    }
}
