namespace MicroSpark.Formats.Csv;

/// <summary>Which types one field of a CSV file can hold.</summary>
internal static class CsvTypes
{
    public static bool IsField(Type type) => type == typeof(string) || type.IsEnum || IsParsable(type);

    public static bool IsParsable(Type type) => Array.Exists(
        type.GetInterfaces(),
        i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(ISpanParsable<>) && i.GenericTypeArguments[0] == type);
}
