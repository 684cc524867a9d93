using System.Collections.Frozen;

namespace MicroSpark.Formats.Parquet;

/// <summary>Which types a column can be read as and saved from.</summary>
internal static class ParquetTypes
{
    public const string WhatWorks =
        "A member is a number, bool, char, string, byte[], DateTime, DateOnly, TimeOnly, DateTimeOffset, TimeSpan, Guid, an enum, or a "
        + "nullable form of them. "
        + "Lists, maps and objects work in a class with a constructor without parameters and setters; else map to flat records, or "
        + "leave the member out with [JsonIgnore].";

    private static readonly FrozenSet<Type> s_columns = new[]
    {
        typeof(bool), typeof(sbyte), typeof(byte), typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long), typeof(ulong),
        typeof(float), typeof(double),
        typeof(decimal), typeof(char), typeof(string), typeof(byte[]), typeof(DateTime), typeof(DateOnly), typeof(TimeOnly),
        typeof(DateTimeOffset), typeof(TimeSpan),
        typeof(Guid),
    }.ToFrozenSet();

    public static bool IsColumn(Type type) => type.IsEnum || s_columns.Contains(type);
}
