namespace MicroSpark.Formats.Parquet.Metadata;

/// <summary>How the format stores a column's values.</summary>
internal enum PhysicalType
{
    Boolean = 0,
    Int32 = 1,
    Int64 = 2,
    Int96 = 3,
    Float = 4,
    Double = 5,
    Bytes = 6,
    FixedBytes = 7,
}

internal enum Repetition
{
    Required = 0,
    Optional = 1,
    Repeated = 2,
}

/// <summary>What the stored values stand for.</summary>
internal enum LogicalKind
{
    None,
    Text,
    Enum,
    Json,
    Bson,
    Uuid,
    Half,
    Integer,
    Decimal,
    Date,
    Time,
    Timestamp,
    Interval,
    Unknown,
    List,
    Map,
    Variant,
    Geometry,
    Geography,

    /// <summary>Of a later version of the format.</summary>
    Other,
}

/// <summary>A logical type with what it says of its values.</summary>
/// <param name="Scale">Of decimals: digits behind the point. Of times: units of a second, as a power of ten. Of integers: bits.</param>
/// <param name="Flag">Of times: adjusted to UTC. Of integers: signed.</param>
internal readonly record struct LogicalType(LogicalKind Kind, int Scale = 0, bool Flag = false)
{
    public const int Millis = 3, Micros = 6, Nanos = 9;

    // How the union numbers each kind; 0 for those that it does not have.
    private static readonly int[] s_numbers = [0, 1, 4, 12, 13, 14, 15, 10, 5, 6, 7, 8, 0, 11, 3, 2, 16, 17, 18, 0];

    /// <summary>The older form, which writers put beside the newer one or alone.</summary>
    public static LogicalType OfConverted(int type, int scale) => type switch
    {
        0 => new(LogicalKind.Text),
        1 or 2 => new(LogicalKind.Map),
        3 => new(LogicalKind.List),
        4 => new(LogicalKind.Enum),
        5 => new(LogicalKind.Decimal, scale),
        6 => new(LogicalKind.Date),
        7 => new(LogicalKind.Time, Millis, true),
        8 => new(LogicalKind.Time, Micros, true),
        9 => new(LogicalKind.Timestamp, Millis, true),
        10 => new(LogicalKind.Timestamp, Micros, true),
        >= 11 and <= 14 => new(LogicalKind.Integer, 8 << (type - 11)),
        >= 15 and <= 18 => new(LogicalKind.Integer, 8 << (type - 15), true),
        19 => new(LogicalKind.Json),
        20 => new(LogicalKind.Bson),
        21 => new(LogicalKind.Interval),

        // Of files that were written before the format had a name for a column of nulls.
        24 or 25 => new(LogicalKind.Unknown),
        _ => new(LogicalKind.Other),
    };

    /// <summary>The older form, for readers that know no other; null if it has none.</summary>
    public int? Converted => (Kind, Scale) switch
    {
        (LogicalKind.Text, _) => 0,
        (LogicalKind.Map, _) => 1,
        (LogicalKind.List, _) => 3,
        (LogicalKind.Decimal, _) => 5,
        (LogicalKind.Date, _) => 6,
        (LogicalKind.Integer, 8) => Flag ? 15 : 11,
        (LogicalKind.Integer, 16) => Flag ? 16 : 12,
        (LogicalKind.Integer, 32) => Flag ? 17 : 13,
        (LogicalKind.Integer, 64) => Flag ? 18 : 14,
        (LogicalKind.Interval, _) => 21,
        _ => null,
    };

    /// <summary>Whether the union has it.</summary>
    public bool IsNumbered => s_numbers[(int)Kind] > 0;

    /// <summary>Writes the union.</summary>
    public void Write(ThriftWriter writer, int precision)
    {
        writer.Begin(10);
        writer.Begin(s_numbers[(int)Kind]);
        switch (Kind)
        {
            case LogicalKind.Decimal:
                writer.Int32(1, Scale);
                writer.Int32(2, precision);
                break;
            case LogicalKind.Integer:
                writer.Int8(1, (sbyte)Scale);
                writer.Bool(2, Flag);
                break;
            case LogicalKind.Time or LogicalKind.Timestamp:
                writer.Bool(1, Flag);
                writer.Begin(2);
                writer.Begin(Scale / 3);
                writer.End();
                writer.End();
                break;
        }

        writer.End();
        writer.End();
    }

    /// <summary>The union of the format's newer types.</summary>
    public static LogicalType Read(ref ThriftReader reader)
    {
        var logical = default(LogicalType);
        for (var field = 0; reader.NextField(ref field, out var type);)
        {
            if (type != ThriftType.Struct)
            {
                reader.Skip(type);
                continue;
            }

            var kind = field == 0 ? -1 : Array.IndexOf(s_numbers, field);
            logical = new(kind < 0 ? LogicalKind.Other : (LogicalKind)kind);
            logical = Details(ref reader, logical);
        }

        return logical;
    }

    private static LogicalType Details(ref ThriftReader reader, LogicalType logical)
    {
        for (var field = 0; reader.NextField(ref field, out var type);)
        {
            switch (logical.Kind, field)
            {
                case (LogicalKind.Decimal, 1):
                    logical = logical with { Scale = reader.Int32(type) };
                    break;
                case (LogicalKind.Integer, 1):
                    logical = logical with { Scale = reader.Int8(type) };
                    break;
                case (LogicalKind.Integer, 2):
                case (LogicalKind.Time or LogicalKind.Timestamp, 1):
                    logical = logical with { Flag = reader.Bool(type) };
                    break;
                case (LogicalKind.Time or LogicalKind.Timestamp, 2):
                    reader.Expect(type, ThriftType.Struct);
                    logical = logical with { Scale = Unit(ref reader) };
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        return logical;
    }

    private static int Unit(ref ThriftReader reader)
    {
        var unit = 0;
        for (var field = 0; reader.NextField(ref field, out var type);)
        {
            unit = field is >= 1 and <= 3 ? 3 * field : 0;
            reader.Skip(type);
        }

        return unit;
    }
}

/// <summary>A line of the footer's schema: a column, or a group with as many children as it says.</summary>
internal readonly record struct SchemaElement(
    string Name, PhysicalType? Type, int Length, Repetition Repetition, int Children, LogicalType Logical)
{
    /// <param name="writer">At an item of the footer's list.</param>
    public void Write(ThriftWriter writer)
    {
        const int Precision = 38;
        writer.Begin();
        if (Type is { } type)
        {
            writer.Int32(1, (int)type);
        }

        if (Length > 0)
        {
            writer.Int32(2, Length);
        }

        writer.Int32(3, (int)Repetition);
        writer.Text(4, Name);
        if (Type is null)
        {
            writer.Int32(5, Children);
        }

        if (Logical.Converted is { } converted)
        {
            writer.Int32(6, converted);
        }

        if (Logical.Kind == LogicalKind.Decimal)
        {
            writer.Int32(7, Logical.Scale);
            writer.Int32(8, Precision);
        }

        if (Logical.IsNumbered)
        {
            Logical.Write(writer, Precision);
        }

        writer.End();
    }

    public static SchemaElement Read(ref ThriftReader reader)
    {
        string? name = null;
        int? physical = null, converted = null;
        LogicalType logical = default;
        int length = 0, repetition = 0, children = 0, scale = 0;
        for (var field = 0; reader.NextField(ref field, out var type);)
        {
            switch (field)
            {
                case 1:
                    physical = reader.Int32(type);
                    break;
                case 2:
                    length = reader.Int32(type);
                    break;
                case 3:
                    repetition = reader.Int32(type);
                    break;
                case 4:
                    name = reader.Text(type);
                    break;
                case 5:
                    children = reader.Int32(type);
                    break;
                case 6:
                    converted = reader.Int32(type);
                    break;
                case 7:
                    scale = reader.Int32(type);
                    break;
                case 10:
                    reader.Expect(type, ThriftType.Struct);
                    logical = LogicalType.Read(ref reader);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        return name is null || repetition is < 0 or > 2 || children < 0
            ? throw new InvalidDataException("expected a column with a name and a repetition in the schema, found none")
            : new SchemaElement(
                name, (PhysicalType?)physical, length, (Repetition)repetition, children,
                logical.Kind == LogicalKind.None && converted is not null ? LogicalType.OfConverted(converted.Value, scale) : logical);
    }
}
