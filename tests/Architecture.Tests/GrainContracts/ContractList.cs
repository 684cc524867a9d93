using System.Reflection;
using MicroSpark.Tests.PublicApi;

namespace MicroSpark.Tests.GrainContracts;

/// <summary>
/// All that crosses silos by Orleans: the grain interfaces with their calls, the messages with their members by id, the enums in both, and the
/// numbers of the fields that keepers of records have as bytes. Each kind is sorted by name.
/// </summary>
internal static class ContractList
{
    private const BindingFlags Data = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    public static IEnumerable<string> Of(IReadOnlyCollection<Type> types)
    {
        Type[] messages = [.. types.Where(IsMessage).OrderBy(AliasOf, StringComparer.Ordinal)];
        var sections = types.Where(IsGrainInterface).OrderBy(type => type.Name, StringComparer.Ordinal).Select(Interface)
            .Concat(messages.Select(message => Message(message, types)))
            .Concat(messages.SelectMany(EnumsIn).Concat(types.Where(IsGrainInterface).SelectMany(RepliesOf)).Distinct()
                .OrderBy(type => type.Name, StringComparer.Ordinal).Select(Enumeration))
            .Concat(types.Where(IsRecordedFields).OrderBy(type => type.Name, StringComparer.Ordinal).Select(Fields));
        return sections.SelectMany(lines => lines);
    }

    public static bool IsMessage(Type type) => type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false);

    public static bool IsGrainInterface(Type type) => type.IsInterface && typeof(IGrain).IsAssignableFrom(type);

    /// <summary>Empty when there is none.</summary>
    public static string AliasOf(MemberInfo member) => member.GetCustomAttribute<AliasAttribute>(inherit: false)?.Alias ?? "";

    public static uint? IdOf(MemberInfo member) => member.GetCustomAttribute<IdAttribute>()?.Id;

    /// <summary>The fields and properties that hold what a message says; properties that are computed hold nothing.</summary>
    public static IEnumerable<MemberInfo> DataOf(Type message)
    {
        foreach (var field in message.GetFields(Data))
        {
            yield return field.Name.StartsWith('<') ? message.GetProperty(field.Name.Split('<', '>')[1], Data)! : field;
        }
    }

    private static IEnumerable<string> Interface(Type type)
    {
        var key = type.GetInterfaces().First(inherited => inherited.Name.EndsWith("Key", StringComparison.Ordinal)).Name;
        var methods = type.GetMethods().Select(method => $"    {Attributes(method)}{MemberText.Of(method)}").Order(StringComparer.Ordinal);
        return methods.Prepend($"interface {type.Name} : {key} {Attributes(type)}".TrimEnd());
    }

    private static IEnumerable<string> Message(Type type, IEnumerable<Type> types)
    {
        var stands = types.SelectMany(other => other.GetInterfaces())
            .Where(converter => converter.Name == "IConverter`2" && converter.GetGenericArguments()[1] == type)
            .Select(converter => $" for {converter.GetGenericArguments()[0].Name}").Distinct();
        var members = DataOf(type).OrderBy(IdOf).Select(member => $"    {IdOf(member)} {TypeOf(member)} {member.Name}");
        return members.Prepend($"message \"{AliasOf(type)}\" {type.Name}{string.Concat(stands)} {Attributes(type, "Alias")}".TrimEnd());
    }

    private static IEnumerable<string> Enumeration(Type type) =>
        Enum.GetValuesAsUnderlyingType(type).Cast<object>().Select(value => $"    {value} {Enum.GetName(type, value)}")
            .Prepend($"enum {type.Name} : {TypeText.Of(Enum.GetUnderlyingType(type))}");

    public static bool IsRecordedFields(Type type) =>
        type.IsEnum && type.GetCustomAttributesData().Any(a => a.AttributeType.Name == "RecordedFieldsAttribute");

    private static IEnumerable<string> Fields(Type type) => Enumeration(type).Skip(1).Prepend($"fields {type.Name}");

    private static IEnumerable<Type> RepliesOf(Type type) =>
        type.GetMethods().SelectMany(method => method.ReturnType.GenericTypeArguments).Where(reply => reply.IsEnum);

    private static IEnumerable<Type> EnumsIn(Type message) =>
        from member in DataOf(message)
        let type = member is FieldInfo field ? field.FieldType : ((PropertyInfo)member).PropertyType
        let plain = Nullable.GetUnderlyingType(type) ?? (type.IsArray ? type.GetElementType()! : type)
        where plain.IsEnum
        select plain;

    private static string TypeOf(MemberInfo member) =>
        member is FieldInfo field
            ? TypeText.Of(field.FieldType, field.GetCustomAttributesData(), field)
            : TypeText.Of(((PropertyInfo)member).PropertyType, member.GetCustomAttributesData(), ((PropertyInfo)member).GetMethod!);

    /// <summary>What Orleans and MicroSpark read of a declaration, as it is written; <c>GenerateSerializer</c> goes without saying.</summary>
    private static string Attributes(MemberInfo member, string leftOut = "")
    {
        var texts = member.GetCustomAttributesData()
            .Where(data => data.AttributeType.Namespace?.Split('.')[0] is "Orleans" or "MicroSpark")
            .Select(Text)
            .Where(text => text != "GenerateSerializer" && (leftOut.Length == 0 || !text.StartsWith(leftOut, StringComparison.Ordinal)))
            .Order(StringComparer.Ordinal);
        var all = string.Join(", ", texts);
        return all.Length == 0 ? "" : $"[{all}] ";
    }

    private static string Text(CustomAttributeData data)
    {
        var arguments = data.ConstructorArguments.Select(argument => argument.Value is string text ? $"\"{text}\"" : $"{argument.Value}")
            .Concat(data.NamedArguments.Select(argument => $"{argument.MemberName} = {argument.TypedValue.Value}"));
        var inside = string.Join(", ", arguments);
        var name = data.AttributeType.Name.Replace("Attribute", "", StringComparison.Ordinal);
        return inside.Length == 0 ? name : $"{name}({inside})";
    }
}
