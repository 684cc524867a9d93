using System.Text.Json;

namespace MicroSpark.Formats.Json;

/// <summary>
/// Reads rows that are laid out as rows before them. Files of rows are written by programs, so most have the same names in the same order
/// with the same blanks between: what stands between the values of one row is compared with the next as bytes, and the values alone are
/// read. Any row that differs is left to System.Text.Json, which says what it is, and shows its layout.
/// </summary>
/// <remarks>
/// Speculation on the layout of rows is that of Y. Li et al., "Mison: A Fast JSON Parser for Data Analytics", VLDB 2017; here it spares
/// the tokens too. The law: a row that is taken here is JSON, and the library would make the same element of it.
/// </remarks>
internal sealed class JsonTemplates<T>
{
    /// <summary>Layouts that are known at a time.</summary>
    private const int Most = 4;

    /// <summary>Rows after which it is known whether they are alike.</summary>
    private const int Trial = 256;

    /// <summary>A layout is worth a look that has shown itself useful so often: rows of ever new ones would each be read twice.</summary>
    private const int TakenForEach = 64;

    /// <summary>Names in a row; more are no layout that returns.</summary>
    private const int MostColumns = 1_000;

    /// <summary>The library's limit for a row, less the row itself.</summary>
    private const int DepthWithin = 63;

    private readonly JsonMembers<T> _members;
    private readonly JsonRowValue[] _values;
    private readonly List<Template> _templates = new(Most);
    private int _taken;
    private int _left;
    private int _learnt;

    private JsonTemplates(JsonMembers<T> members)
    {
        (_members, _values) = (members, new JsonRowValue[members.All.Length]);
        foreach (var member in members.All)
        {
            if (member.Info is { } info)
            {
                _values[member.Index].Object = Activator.CreateInstance(typeof(JsonCell<>).MakeGenericType(info.Type), info);
            }
        }
    }

    /// <summary>Null for a type whose rows the library alone can read.</summary>
    public static JsonTemplates<T>? OrNull() => JsonMembers<T>.OrNull is { } members ? new JsonTemplates<T>(members) : null;

    /// <summary>False when the row is to be read by the library.</summary>
    public bool TryRead(ReadOnlySpan<byte> row, out T element)
    {
        for (var i = 0; i < _templates.Count; i++)
        {
            var template = _templates[i];
            if (TryRead(template, row))
            {
                // What a row lacks is as the last row with another layout left it.
                foreach (var member in template.Lacking)
                {
                    SetDefault(member);
                }

                if (i > 0)
                {
                    (_templates[i], _templates[0]) = (_templates[0], template);
                }

                _taken++;
                element = _members.Make(_values);
                return true;
            }
        }

        element = default!;
        return false;
    }

    /// <summary>Looks at the layout of a row that was left to the library, and that it could read.</summary>
    public void Learn(ReadOnlySpan<byte> row)
    {
        _left++;
        if (_left > Trial && _left > _taken)
        {
            // They are not alike: one that is tried in vain is read twice.
            _templates.Clear();
            return;
        }

        if (_learnt > Trial / 4 && _learnt > _taken / TakenForEach)
        {
            return;
        }

        _learnt++;
        // One of a known layout was left for a value's sake.
        if (TemplateOf(row) is { } template && !_templates.Exists(template.Is))
        {
            if (_templates.Count == Most)
            {
                _templates.RemoveAt(Most - 1);
            }

            _templates.Insert(0, template);
        }
    }

    private bool TryRead(Template template, ReadOnlySpan<byte> row)
    {
        var at = 0;
        foreach (ref readonly var step in template.Steps.AsSpan())
        {
            if (!row[at..].StartsWith(step.Before))
            {
                return false;
            }

            at += step.Before.Length;
            var isRead = step.Member is { } member
                ? TryRead(member, ref _values[member.Index], row, ref at)
                : JsonScalars.TrySkip(row, ref at, DepthWithin);
            if (!isRead)
            {
                return false;
            }
        }

        return row[at..].SequenceEqual(template.End);
    }

    private static bool TryRead(JsonMember member, ref JsonRowValue value, ReadOnlySpan<byte> row, ref int at)
    {
        value.IsNull = false;
        switch (member.Kind)
        {
            case JsonMemberKind.Text:
                if (JsonScalars.TryText(row, ref at, out var text))
                {
                    value.Object = text;
                    return true;
                }

                value.Object = null;
                break;
            case JsonMemberKind.Whole:
                if (JsonScalars.TryWhole(row, ref at, out value.Bits))
                {
                    return value.Bits >= member.Least && value.Bits <= member.Most;
                }

                break;
            case JsonMemberKind.Floating:
                if (JsonScalars.TryFloating(row, ref at, member.IsSingle, out var number))
                {
                    value.Bits = BitConverter.DoubleToInt64Bits(number);
                    return true;
                }

                break;
            case JsonMemberKind.Boolean:
                value.Bits = JsonScalars.TryLiteral(row, ref at, "true"u8) ? 1 : 0;
                if (value.Bits == 1 || JsonScalars.TryLiteral(row, ref at, "false"u8))
                {
                    return true;
                }

                break;
            case JsonMemberKind.Other:
                var start = at;
                return JsonScalars.TrySkip(row, ref at, DepthWithin)
                    && ((JsonCell)value.Object!).TryRead(row[start..at], member.AllowsNull);
        }

        value.IsNull = true;
        return member.AllowsNull && JsonScalars.TryLiteral(row, ref at, "null"u8);
    }

    private void SetDefault(JsonMember member)
    {
        ref var value = ref _values[member.Index];
        var found = member.Default;
        value.IsNull = found is null;
        switch (member.Kind)
        {
            case JsonMemberKind.Text:
                value.Object = found;
                break;
            case JsonMemberKind.Whole:
                value.Bits = found is null ? 0 : Convert.ToInt64(found, System.Globalization.CultureInfo.InvariantCulture);
                break;
            case JsonMemberKind.Floating:
                value.Bits = BitConverter.DoubleToInt64Bits(
                    found is null ? 0 : Convert.ToDouble(found, System.Globalization.CultureInfo.InvariantCulture));
                break;
            case JsonMemberKind.Boolean:
                value.Bits = found is true ? 1 : 0;
                break;
            case JsonMemberKind.Other:
                ((JsonCell)value.Object!).Set(found);
                break;
        }
    }

    /// <summary>Null when no other row can be read so.</summary>
    private Template? TemplateOf(ReadOnlySpan<byte> row)
    {
        var steps = new List<Step>();
        var lacking = _members.All.ToList();
        var reader = new Utf8JsonReader(row);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        var end = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (steps.Count == MostColumns || reader.ValueIsEscaped || !System.Text.Unicode.Utf8.IsValid(reader.ValueSpan))
            {
                return null;
            }

            var name = reader.GetString();
            var member = _members.All.FirstOrDefault(m => m.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (member is not null && !lacking.Remove(member))
            {
                return null; // twice: the last one counts
            }

            reader.Read();
            steps.Add(new Step(row[end..(int)reader.TokenStartIndex].ToArray(), member));
            reader.Skip();
            end = (int)reader.BytesConsumed;
        }

        return lacking.TrueForAll(static member => member.MayLack)
            ? new Template([.. steps], row[end..].ToArray(), [.. lacking])
            : null;
    }

    /// <param name="Steps">A row's names, in their order.</param>
    /// <param name="End">What stands behind the last value.</param>
    /// <param name="Lacking">Members that such a row has not.</param>
    private sealed record Template(Step[] Steps, byte[] End, JsonMember[] Lacking)
    {
        public bool Is(Template other)
        {
            var same = Steps.Length == other.Steps.Length && End.AsSpan().SequenceEqual(other.End);
            for (var i = 0; same && i < Steps.Length; i++)
            {
                same = Steps[i].Before.AsSpan().SequenceEqual(other.Steps[i].Before);
            }

            return same;
        }
    }

    /// <param name="Before">What stands between the value before and this one: blanks, a comma, a name.</param>
    /// <param name="Member">Null for a value that the type has no place for.</param>
    private readonly record struct Step(byte[] Before, JsonMember? Member);
}
