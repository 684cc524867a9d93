using System.Runtime.CompilerServices;

namespace MicroSpark.Ordering;

/// <summary>
/// Strings, ordinal: the units behind what all begin with ("http://www."). Eight of them when they are all narrow (most text is), else
/// four.
/// </summary>
internal sealed class StringRanking : Ranking<string?>
{
    private const int NarrowUnits = 8;
    private const int WideUnits = 4;

    /// <summary>The narrow form stores a unit plus one in a byte; nothing is 0.</summary>
    private const char LargestNarrow = (char)0xFE;

    private string? _prefix;
    private int _common;
    private bool _any;
    private bool _alike = true;
    private bool _narrow = true;

    public override int Bits => _alike ? 0 : 64;

    public override bool IsExact => _alike;

    /// <summary>By the units behind those that rank.</summary>
    public override Ranking<string?>? Rest => _alike ? null : new StringRanking
    {
        _common = _common + (_narrow ? NarrowUnits : WideUnits),
        _any = true,
        _alike = false,
        _narrow = _narrow,
    };

    public override void Measure(ReadOnlySpan<string?> keys)
    {
        foreach (var key in keys)
        {
            if (!_any)
            {
                _any = true;
                _prefix = key;
                _common = key?.Length ?? 0;
                _narrow = key is null || !key.AsSpan().ContainsAnyExceptInRange('\0', LargestNarrow);
                continue;
            }

            if (_alike && ReferenceEquals(key, _prefix))
            {
                continue;
            }

            var shared = key is null || _prefix is null ? 0 : key.AsSpan().CommonPrefixLength(_prefix.AsSpan(0, _common));
            _alike = _alike && key is not null && _prefix is not null && shared == key.Length && shared == _prefix.Length;
            _common = shared;
            _narrow = _narrow && (key is null || !key.AsSpan(shared).ContainsAnyExceptInRange('\0', LargestNarrow));
        }
    }

    public override void Rank(ReadOnlySpan<string?> keys, Span<ulong> ranks)
    {
        for (var i = 0; i < keys.Length; i++)
        {
            var rest = keys[i] is { } key && key.Length > _common ? key.AsSpan(_common) : default;
            ranks[i] = _narrow ? Narrow(rest) : Wide(rest);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Narrow(ReadOnlySpan<char> text)
    {
        ulong rank = 0;
        var length = Math.Min(text.Length, NarrowUnits);
        for (var i = 0; i < length; i++)
        {
            rank |= (ulong)(text[i] + 1) << (56 - (8 * i));
        }

        return rank;
    }

    private static ulong Wide(ReadOnlySpan<char> text)
    {
        ulong rank = 0;
        var length = Math.Min(text.Length, WideUnits);
        for (var i = 0; i < length; i++)
        {
            rank |= (ulong)text[i] << (48 - (16 * i));
        }

        return rank;
    }
}
