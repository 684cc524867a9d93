using System.Globalization;
using System.Reflection;
using System.Reflection.Metadata;
using System.Text.Json;
using System.Xml;
using MicroSpark.Code;

namespace MicroSpark.Closures;

/// <summary>
/// The written list of the framework's calls whose answer depends on the process's local time zone. docs/design/closures.md tells it to
/// users.
/// </summary>
internal static class LocalTimeCalls
{
    private const int AssumeUniversal = (int)DateTimeStyles.AssumeUniversal;
    private const int AdjustToUniversal = (int)DateTimeStyles.AdjustToUniversal;
    private const int RoundtripKind = (int)DateTimeStyles.RoundtripKind;

    private static readonly Dictionary<Type, string[]> s_always = new()
    {
        [typeof(DateTime)] =
        [
            "get_Now", "get_Today", nameof(DateTime.ToLocalTime), nameof(DateTime.ToUniversalTime), nameof(DateTime.ToFileTime),
            nameof(DateTime.ToFileTimeUtc), nameof(DateTime.FromFileTime), nameof(DateTime.IsDaylightSavingTime),
        ],
        [typeof(DateTimeOffset)] =
        [
            "get_Now", "get_LocalDateTime", nameof(DateTimeOffset.ToLocalTime), nameof(DateTimeOffset.FromFileTime),
        ],
        [typeof(TimeZoneInfo)] = ["get_Local"],
        [typeof(TimeProvider)] = ["get_LocalTimeZone", nameof(TimeProvider.GetLocalNow)],
        [typeof(File)] = [nameof(File.GetCreationTime), nameof(File.GetLastAccessTime), nameof(File.GetLastWriteTime)],
        [typeof(Directory)] = [nameof(File.GetCreationTime), nameof(File.GetLastAccessTime), nameof(File.GetLastWriteTime)],
        [typeof(FileSystemInfo)] = ["get_CreationTime", "get_LastAccessTime", "get_LastWriteTime"],
        [typeof(Convert)] = [nameof(Convert.ToDateTime)],
        [typeof(JsonElement)] = [nameof(JsonElement.GetDateTime), nameof(JsonElement.TryGetDateTime)],
    };

    /// <summary>The call as C# writes it; null when it asks nobody for local time.</summary>
    /// <param name="at">The place of the call in the code: what stands before it are its last arguments.</param>
    public static string? NameOf(MethodBase callee, IlCode code, int at)
    {
        if (callee.DeclaringType is not { } type || !IsUse(type, callee, code, at))
        {
            return null;
        }

        var name = callee.Name.StartsWith("get_", StringComparison.Ordinal) ? callee.Name[4..] : callee.Name;
        return callee is ConstructorInfo ? $"new {type.Name}(DateTime)"
            : name == "op_Implicit" ? "the conversion of a DateTime to a DateTimeOffset"
            : $"{type.Name}.{name}";
    }

    private static bool IsUse(Type type, MethodBase callee, IlCode code, int at)
    {
        if (s_always.TryGetValue(type, out var names) && names.Contains(callee.Name))
        {
            return type != typeof(Convert) || callee.GetParameters()[0].ParameterType == typeof(string);
        }

        if (type == typeof(DateTime) || type == typeof(DateTimeOffset))
        {
            return callee.Name switch
            {
                ".ctor" or "op_Implicit" => type == typeof(DateTimeOffset) && Takes(callee, typeof(DateTime)) && !IsUtc(code, at - 1),
                "Parse" or "ParseExact" or "TryParse" or "TryParseExact" => ParsesLocally(type, callee, code, at),
                nameof(DateTime.ToString) => type == typeof(DateTime) && HasZoneFormat(callee, code, at),
                _ => false,
            };
        }

        if (type == typeof(TimeZoneInfo))
        {
            return callee.Name switch
            {
                nameof(TimeZoneInfo.ConvertTime) => Takes(callee, typeof(DateTime), typeof(TimeZoneInfo)),
                nameof(TimeZoneInfo.ConvertTimeToUtc) => Takes(callee, typeof(DateTime)),
                nameof(TimeZoneInfo.ConvertTimeBySystemTimeZoneId) => Takes(callee, typeof(DateTime), typeof(string)),
                _ => false,
            };
        }

#pragma warning disable CS0618 // programs may still call what is obsolete
        return (type == typeof(TimeZone) && callee.Name == "get_CurrentTimeZone")
            || (type == typeof(XmlConvert) && callee.Name == nameof(XmlConvert.ToDateTime) && Takes(callee, typeof(string)));
#pragma warning restore CS0618
    }

    /// <summary>
    /// A text with an offset becomes a local DateTime, and one without an offset a DateTimeOffset of the local zone, unless the styles say
    /// otherwise.
    /// </summary>
    private static bool ParsesLocally(Type type, MethodBase callee, IlCode code, int at)
    {
        var safe = type == typeof(DateTime) ? AdjustToUniversal | RoundtripKind : AssumeUniversal;
        var parameters = callee.GetParameters();
        var styles = Array.FindIndex(parameters, static p => p.ParameterType == typeof(DateTimeStyles));
        if (styles < 0)
        {
            return true;
        }

        // Behind the styles there is nothing, or the place of TryParse's result: one instruction.
        var place = at - (parameters.Length - styles);
        return place < 0 || Number(code.Instructions[place]) is not { } given || (given & safe) == 0;
    }

    private static bool HasZoneFormat(MethodBase callee, IlCode code, int at)
    {
        var place = at - callee.GetParameters().Length;
        return callee.GetParameters() is [{ ParameterType: var first }, ..] && first == typeof(string) && place >= 0
            && code.Instructions[place] is { Code: ILOpCode.Ldstr } text
            && (code.Text(text) == "U" || code.Text(text).Contains('z', StringComparison.Ordinal));
    }

    /// <summary>Whether the value that an instruction puts down is a time of kind Utc, as far as one can see there.</summary>
    private static bool IsUtc(IlCode code, int at)
    {
        if (at < 0)
        {
            return false;
        }

        var made = code.Instructions[at];
        if (made.Code == ILOpCode.Ldsfld)
        {
            return IlTokens.Resolve(code.Field, made) is { Name: nameof(DateTime.UnixEpoch) };
        }

        return made.Code is ILOpCode.Call or ILOpCode.Callvirt && IlTokens.Resolve(code.Method, made) is { } maker
            && (maker.Name is "get_UtcNow" or "get_UtcDateTime" or nameof(TimeZoneInfo.ConvertTimeToUtc)
                || (maker.Name == nameof(DateTime.SpecifyKind) && at > 0 && Number(code.Instructions[at - 1]) == (int)DateTimeKind.Utc));
    }

    private static int? Number(IlInstruction instruction) => instruction.Code switch
    {
        >= ILOpCode.Ldc_i4_0 and <= ILOpCode.Ldc_i4_8 => instruction.Code - ILOpCode.Ldc_i4_0,
        ILOpCode.Ldc_i4 or ILOpCode.Ldc_i4_s => instruction.Operand,
        _ => null,
    };

    private static bool Takes(MethodBase callee, params ReadOnlySpan<Type> types)
    {
        var parameters = callee.GetParameters();
        if (parameters.Length != types.Length)
        {
            return false;
        }

        for (var i = 0; i < types.Length; i++)
        {
            if (parameters[i].ParameterType != types[i])
            {
                return false;
            }
        }

        return true;
    }
}
